/** A log that keeps what it was told. */
export interface KeptLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export function keptLog() {
  const lines: KeptLine[] = [];
  const keep = (level: KeptLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

const nothing = () => undefined;
export const quiet = { info: nothing, warn: nothing, error: nothing };
