import { describe, expect, test } from 'vitest';
import { changed, configOf, problemsOf } from './support.ts';

const first = 'sunrise-0123456789abcdef';

/** The base with a token of the network's, one of sunrise's, and one of a second buyer's. */
function given({ network, sunrise, helio }: { network?: string; sunrise?: string; helio?: string }): string {
  const buyer = 'trunk: sunrise-pbx\n    dial';
  let text = changed(buyer, `${sunrise === undefined ? '' : `token: "${sunrise}"\n    `}${buyer}`);
  const second = `  helio: { trunk: sunrise-pbx, dial: "+13125550122"${helio === undefined ? '' : `, token: "${helio}"`} }`;
  text = changed('\nivrs:', `\n${second}\nivrs:`, text);
  return network === undefined ? text : `http: { token: "${network}" }\n${text}`;
}

const errors = async (text: string, env: Record<string, string> = {}) =>
  (await problemsOf(text, env))
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path} ${message}`);

describe('the token of a buyer', () => {
  test('is read from the environment, and is no part of the table', async () => {
    const text = given({ network: 'the-networks', sunrise: '${SUNRISE_TOKEN:-}' });
    const config = await configOf(text, { SUNRISE_TOKEN: first });
    expect([...config.tokens]).toEqual([['sunrise', first]]);
    const without = await configOf(text);
    expect([...without.tokens]).toEqual([]);
    expect(without.hash).toBe(config.hash);
    expect(JSON.stringify([...config.network.buyers])).not.toContain(first);
  });

  test('wants one of the network: else who has none may do everything', async () => {
    const [told] = await errors(given({ sunrise: first }));
    expect(told).toMatch(/^buyers\.sunrise\.token asks for nothing: there is no http\.token/);
    expect(await errors(given({ network: '', sunrise: first }))).toHaveLength(1);
    expect(await errors(given({ sunrise: '' }))).toEqual([]);
    expect(await errors(given({ network: 'the-networks', sunrise: first }))).toEqual([]);
  });

  test('is nobody else’s, and is not told', async () => {
    expect(await errors(given({ network: 'the-networks', sunrise: first, helio: first }))).toEqual([
      'buyers.helio.token is the same as buyers.sunrise.token',
    ]);
    expect(await errors(given({ network: first, helio: first }))).toEqual([
      'buyers.helio.token is the same as http.token',
    ]);
  });

  test.each(['short', 'with a blank in its midst', 'x'.repeat(257), 'ümläute-0123456789'])(
    'not %j',
    async (token) => {
      const [told, ...rest] = await errors(given({ network: 'the-networks', sunrise: token }));
      expect(told).toBe('buyers.sunrise.token cannot be a token');
      expect(rest).toEqual([]);
    },
  );
});
