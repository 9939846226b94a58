/** The schema of config files as JSON Schema, for editors: made of the same definitions that files are read by. */
import { z } from 'zod';
import { durations } from '../../conditions/condition.ts';
import { callAttributes } from '../../routing/attributes.ts';
import { schema, switchSections } from '../schema.ts';
import { anyText, choice, formOf } from '../sections/forms.ts';
import type { Form } from '../sections/forms.ts';
import { descriptionOf } from './descriptions.ts';

interface Node {
  [key: string]: unknown;
}

/** Draft 7, which editors know best. */
export function configSchema(): Node {
  const shape = schema({ dir: '/', country: null, currency: { code: 'USD', minorDigits: 2 } });
  const root = z.toJSONSchema(shape, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      reshape(zodSchema, jsonSchema);
    },
  }) as Node;
  describe(root, []);
  for (const section of Object.values(root.properties as Record<string, Node>)) allowEmpty(section);
  const { required: _, ...rest } = root;
  return {
    ...rest,
    title: 'tollbridge config',
    // An included file has no network of its own, and nothing that is said of the switch.
    anyOf: [
      { required: ['network'] },
      { properties: Object.fromEntries(switchSections.map((section) => [section, false])) },
    ],
    definitions,
  };
}

/** What zod makes of a part becomes what people write: every scalar is read as text, and looks like what it means. */
function reshape(part: z.core.$ZodType, node: Node): void {
  const form = formOf(part) ?? formOfKind(part);
  if (form !== undefined) {
    for (const key of Object.keys(node)) Reflect.deleteProperty(node, key);
    Object.assign(node, form);
  }
  // Of what was read, not of what is written; the descriptions tell it.
  delete node.default;
  if (node.propertyNames !== undefined) delete node.propertyNames;
}

function formOfKind(part: z.core.$ZodType): Form | undefined {
  const { def } = (part as z.core.$ZodTypes)._zod;
  if (def.type === 'string') return anyText;
  return def.type === 'enum' ? choice(Object.values(def.entries)) : undefined;
}

/** Descriptions are found by the path of a key; names and positions on the way are `*`. */
function describe(node: Node, path: readonly string[]): void {
  const description = descriptionOf(path);
  if (description !== undefined && node.description === undefined) node.description = description;
  for (const [key, inner] of Object.entries((node.properties ?? {}) as Record<string, Node>)) {
    describe(inner, [...path, key]);
  }
  for (const inner of [node.additionalProperties, node.items])
    if (isNode(inner)) describe(inner, [...path, '*']);
  for (const forms of [node.anyOf, node.oneOf]) {
    if (Array.isArray(forms)) for (const form of forms.filter(isNode)) describeUnder(form, path);
  }
}

/** Of several forms at one place, what is said of the place is said once. */
function describeUnder(form: Node, path: readonly string[]): void {
  describe(form, path);
  if (form.description === descriptionOf(path)) delete form.description;
}

const isNode = (thing: unknown): thing is Node =>
  typeof thing === 'object' && thing !== null && !Array.isArray(thing);

/** A section whose entries are all commented out may stand. */
function allowEmpty(section: Node): void {
  if (typeof section.type === 'string') section.type = [section.type, 'null'];
}

const condition = { $ref: '#/definitions/condition' };
const maps = { type: 'array', items: { $ref: '#/definitions/conditions' }, minItems: 1 };

const definitions: Node = {
  conditions: {
    description: 'Attributes of the call and what they must be; all must hold.',
    type: 'object',
    properties: {
      ...Object.fromEntries([...callAttributes, ...durations].map((attribute) => [attribute, condition])),
      not: { anyOf: [{ $ref: '#/definitions/conditions' }, maps] },
      any: maps,
      all: maps,
    },
    patternProperties: { '^(ivr|tag|reported)\\..': condition },
    additionalProperties: false,
  },
  condition: {
    description:
      'A value, a list of which one must hold, ">= 90s", "18-64", or not, any, all and is of these.',
    anyOf: [
      anyText,
      { type: 'array', items: condition, minItems: 1 },
      {
        type: 'object',
        properties: {
          is: { anyOf: [anyText, { type: 'array', items: anyText, minItems: 1 }] },
          not: condition,
          any: { type: 'array', items: condition, minItems: 1 },
          all: { type: 'array', items: condition, minItems: 1 },
        },
        additionalProperties: false,
        minProperties: 1,
      },
    ],
  },
};
