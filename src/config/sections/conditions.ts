import { z } from 'zod';
import type { Condition } from '../../conditions/condition.ts';
import { parseConditions } from '../../conditions/parse.ts';
import { someConditions, withForm } from './forms.ts';

/** `accepts` and `when`: attributes and what they must be. */
export const conditions = () =>
  withForm(
    someConditions,
    z.record(z.string(), z.unknown()).transform((map, context): readonly Condition[] => {
      const parsed = parseConditions(map);
      if (parsed.ok) return parsed.conditions;
      for (const { path, message, hint } of parsed.problems) {
        context.addIssue({ code: 'custom', message, path: [...path], params: { hint } });
      }
      return z.NEVER;
    }),
  );
