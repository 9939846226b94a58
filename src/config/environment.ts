export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `${NAME}` and `${NAME:-default}` from the environment; `$${` stands for `${` itself. As in a shell, a default also
 * replaces what is set but empty. Names that are neither set nor defaulted are told.
 */
export function substitute(text: string, env: Environment): { text: string; unset: readonly string[] } {
  const unset: string[] = [];
  const replaced = text.replace(
    /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (all, name: string | undefined, otherwise: string | undefined) => {
      if (name === undefined) return '${';
      const value = env[name];
      if (otherwise !== undefined) return value === undefined || value === '' ? otherwise : value;
      if (value === undefined) unset.push(name);
      return value ?? all;
    },
  );
  return { text: replaced, unset };
}
