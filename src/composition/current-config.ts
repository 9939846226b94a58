import type { Table } from '../calls/table.ts';
import type { Standing } from '../reload/parcels.ts';

/** The config that stands now and the table made of it: a reload replaces both at once. Live calls keep their table. */
export class CurrentConfig {
  #config: Standing;
  #table: Table;

  constructor(config: Standing, table: Table) {
    this.#config = config;
    this.#table = table;
  }

  get config(): Standing {
    return this.#config;
  }

  get table(): Table {
    return this.#table;
  }

  replace(config: Standing, table: Table): void {
    this.#config = config;
    this.#table = table;
  }
}
