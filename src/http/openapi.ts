/** What the API is, as an OpenAPI 3.1 document, written from its routes. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { Access } from './access.ts';
import { anyone } from './access.ts';
import type { Api } from './api.ts';

/** To be registered before the routes. */
export async function describeRoutes(api: Api): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'tollbridge',
        version: '1',
        description:
          'Money is decimal text, times are ISO 8601. Lists are told a page at a time. A POST that carries an ' +
          'Idempotency-Key is carried out once. Refusals are problem documents (RFC 9457).',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (given) => {
      const { schema, url } = jsonSchemaTransform(given);
      const access = given.route.config?.access ?? [];
      const security = typeof access === 'string' ? [] : [{ token: [] }];
      return { url, schema: { ...schema, security, description: inWords(access) } };
    },
    transformObject: (given) => withProblems(jsonSchemaTransformObject(given)),
  });
  api.get('/openapi.json', { config: anyone, schema: { hide: true } }, () => api.swagger());
}

const words = {
  network: 'the network',
  publisher: 'publishers, of what is theirs',
  buyer: 'buyers, of their own calls',
};

const inWords = (access: Access): string =>
  typeof access === 'string' ? 'For anyone.' : `For ${access.map((kind) => words[kind]).join(' and ')}.`;

/** Whatever is asked may be refused, in one form. */
function withProblems(document: ReturnType<typeof jsonSchemaTransformObject>): object {
  const { paths = {}, components = {} } = document as Described;
  const refused = { default: { $ref: '#/components/responses/Problem' } };
  const described = mapped(paths, (operations) =>
    mapped(operations, (operation) => ({ ...operation, responses: { ...operation.responses, ...refused } })),
  );
  return {
    ...document,
    paths: described,
    components: { ...components, responses: { Problem: problemResponse } },
  };
}

/** What of an OpenAPI document is read here. */
interface Described {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly responses?: object }>>>>;
  readonly components?: object;
}

const mapped = <From, To>(
  from: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value)]));

const problemResponse = {
  description: 'Refused: `reason` is for programs, `detail` for people',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'reason', 'detail'],
        properties: {
          type: { type: 'string', example: 'urn:tollbridge:problem:empty_pool' },
          title: { type: 'string' },
          status: { type: 'integer' },
          reason: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
} as const;
