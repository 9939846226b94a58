/** The statements that were closed: to the network all of them, to a publisher its own. */
import { z } from 'zod';
import { statementCsv } from '../../records/statements/as-csv.ts';
import type { StatementsQuery, StatementView } from '../../records/statements/list-statements.ts';
import { statementPage, type StatingNetwork } from '../../records/statements/page.ts';
import type { FullStatement } from '../../records/statements/show-statement.ts';
import { publishersToo } from '../access.ts';
import type { Api } from '../api.ts';
import { cut, positionOf } from '../paging.ts';
import { badCursor, refuseWith } from '../problem.ts';
import { answers, byId, listOf, pageOf, readable, short } from '../schemas.ts';
import { fullStatement, statement } from '../views.ts';
import { notTheirs, publisherAsked } from './askers.ts';

interface StatementRoutes {
  readonly listStatements: (query: StatementsQuery) => Promise<readonly StatementView[]>;
  readonly showStatement: (id: string) => Promise<FullStatement | null>;
  readonly network: () => StatingNetwork;
}

export function statementRoutes(api: Api, statements: StatementRoutes): void {
  api.get('/statements', { config: publishersToo, schema: listing }, async ({ query, asker }, reply) => {
    const { buyer, month: ofMonth } = query;
    const whose = publisherAsked(asker, query.publisher);
    if (whose === null) return refuseWith(reply, notTheirs);
    if (whose.publisher !== undefined && buyer !== undefined) return { items: [], next: null };
    const after = query.cursor === undefined ? undefined : positionOf(query.cursor, position);
    if (after === null) return refuseWith(reply, badCursor);
    const limit = Number(query.limit);
    const found = await statements.listStatements({
      ...(after && { after: { month: after[0], id: after[1] } }),
      limit: limit + 1,
      ...(whose.publisher !== undefined && { account: 'payable', party: whose.publisher }),
      ...(buyer !== undefined && { account: 'receivable', party: buyer }),
      ...(ofMonth !== undefined && { month: ofMonth }),
    });
    return cut(found, limit, ({ month: of, id }) => [of, id]);
  });

  api.get('/statements/:id', { config: publishersToo, schema: showing }, async (request, reply) => {
    const { asker, params, query } = request;
    const found = await statements.showStatement(params.id);
    if (!found || (asker.kind === 'publisher' && found.publisher !== asker.publisher)) {
      const detail = `there is no statement ${params.id}`;
      return refuseWith(reply, { status: 404, reason: 'unknown_statement', detail });
    }
    void reply.header('Cache-Control', 'no-store');
    switch (query.format) {
      case 'json':
        return found;
      case 'csv':
        return reply
          .type('text/csv; charset=utf-8')
          .header('Content-Disposition', `attachment; filename="${fileName(found.id)}.csv"`)
          .send(statementCsv(found));
      case 'html':
        return reply
          .type('text/html; charset=utf-8')
          .header(
            'Content-Security-Policy',
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
          )
          .send(statementPage(found, statements.network()));
    }
  });
}

const month = z.string().regex(/^\d{4}-\d\d$/, 'is to be a month, such as 2026-11');
const position = z.tuple([month, readable.max(256)]);

const fileName = (id: string): string => id.replace(/[^\w.-]/g, '_');

const tags = ['money'];
const listing = {
  ...{ operationId: 'listStatements', summary: 'Statements, newest month first', tags },
  querystring: listOf({
    ...{ publisher: short.optional(), buyer: short.optional().describe('For the network') },
    month: month.optional(),
  }),
  ...answers({ 200: pageOf(statement) }),
};
const text = { schema: z.string() };
const showing = {
  ...{ operationId: 'showStatement', summary: 'A statement with all of its lines', tags },
  params: byId,
  querystring: z.strictObject({ format: z.enum(['json', 'csv', 'html']).default('json') }),
  ...answers({
    200: {
      description: 'As asked for',
      content: { 'application/json': { schema: fullStatement }, 'text/csv': text, 'text/html': text },
    },
  }),
};
