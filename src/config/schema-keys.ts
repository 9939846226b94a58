/** Which keys the schema knows, by walking it: what an unknown key may have meant, and what the manual must mention. */
import type { z } from 'zod';
import type { Path } from './yaml/tree.ts';

type Schema = z.core.$ZodType;

/** The keys that may stand at a path. */
export function keysAt(schema: Schema, path: Path): string[] {
  let here = objectsOf(schema);
  for (const step of path) here = here.flatMap((known) => known.under(String(step))).flatMap(objectsOf);
  return [...new Set(here.flatMap(({ keys }) => keys))];
}

/** Every key of the schema as a path; `*` stands for names and positions. */
export function allKeys(schema: Schema, under = ''): string[] {
  return objectsOf(schema).flatMap((known) => {
    const keys = known.open ? ['*'] : known.keys;
    return keys.flatMap((key) => {
      const path = under === '' ? key : `${under}.${key}`;
      const inner = known.under(key).flatMap((schema) => allKeys(schema, path));
      return known.open ? inner : [path, ...inner];
    });
  });
}

interface Known {
  readonly keys: string[];
  /** Any key will do. */
  readonly open: boolean;
  under(key: string): Schema[];
}

/** The maps and lists behind what wraps them: defaults, transforms, unions. */
function objectsOf(schema: Schema): Known[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object': {
      const { shape } = def;
      return [{ keys: Object.keys(shape), open: false, under: (key) => own(shape, key) }];
    }
    case 'record':
      return [{ keys: [], open: true, under: () => [def.valueType] }];
    case 'array':
      return [{ keys: [], open: true, under: () => [def.element] }];
    case 'optional':
    case 'default':
    case 'prefault':
      return objectsOf(def.innerType);
    case 'pipe':
      return objectsOf(def.in);
    case 'union':
      return def.options.flatMap(objectsOf);
    default:
      return [];
  }
}

const own = (shape: Readonly<Record<string, Schema>>, key: string): Schema[] =>
  Object.hasOwn(shape, key) && shape[key] !== undefined ? [shape[key]] : [];
