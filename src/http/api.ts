/** The API under /api/v1: guarded, described, its answers kept for who asks again. */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';

/** Requests are read by the zod schemas of their routes. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export function typed(instance: FastifyInstance): Api {
  instance.setValidatorCompiler(validatorCompiler);
  // What is answered is held to its schema by the compiler and by the tests; here it is only written.
  instance.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  return instance.withTypeProvider<ZodTypeProvider>();
}
