import { z } from 'zod';
import type { IvrMove, IvrStep } from '../../routing/network.ts';
import { bad, good } from '../values/parsed.ts';
import { field, integer, name, path, timer, words } from './fields.ts';
import type { Given } from './fields.ts';

/** What callers hear, and are asked, before they are routed. */
export const ivr = (given: Given) =>
  z.strictObject({
    start: name(),
    steps: z.record(z.string(), step(given)).transform((steps) => new Map(Object.entries(steps))),
  });

/** Attributes are read as `ivr.NAME`. */
const attribute = () =>
  field((text) =>
    /^[a-z][a-z0-9_]*$/i.test(text)
      ? good(text)
      : bad(`"${text}" cannot name an attribute`, 'letters, digits and _: homeowner, zip'),
  );

/** The next step, or a move that also sets attributes. */
const move = () =>
  z.union([
    name().transform((go): IvrMove => ({ set: {}, go })),
    z.strictObject({ set: z.record(z.string(), words()).default({}), go: name() }),
  ]);
const toRoute: IvrMove = { set: {}, go: 'route' };

const menu = (given: Given) =>
  z.strictObject({
    play: path(given),
    timeout: timer().default(6_000),
    tries: integer(1, 20).default(3),
    choices: z.record(z.string(), move()).transform((choices) => new Map(Object.entries(choices))),
  });

const gather = (given: Given) =>
  z.strictObject({
    play: path(given),
    digits: integer(1, 32),
    into: attribute(),
    timeout: timer().default(6_000),
    tries: integer(1, 20).default(3),
  });

const step = (given: Given) =>
  z
    .strictObject({
      menu: menu(given).optional(),
      gather: gather(given).optional(),
      play: path(given).optional(),
      go: move().optional(),
      otherwise: move().optional(),
    })
    .transform(({ menu, gather, play, go = toRoute, otherwise = toRoute }): IvrStep => {
      if (menu !== undefined) return { kind: 'menu', ...menu, otherwise };
      if (gather !== undefined) return { kind: 'gather', ...gather, next: go, otherwise };
      // A step that is none of the three is told by the check of menus; then nothing is built of this.
      return { kind: 'play', play: play ?? '', next: go };
    });
