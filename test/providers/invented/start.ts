import type { Running } from "../../../src/app/running.ts";
import type { Sql } from "../../../src/database/connect.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import { providers } from "../../../src/providers/registry.ts";
import { testDatabase } from "../../support/database.ts";
import { openShop, type Shop, startTestHakika } from "../../support/hakika.ts";

/** `sql`: a client of the program's database. */
export type Started = { hakika: Running; shop: Shop; sql: Sql; stop(): Promise<void> };

/**
 * The whole program with one provider more, and a merchant who is connected to it. Adding the provider took its folder
 * only.
 */
export async function startWith(provider: Provider, connection: Record<string, unknown>): Promise<Started> {
  const database = await testDatabase();
  const hakika = await startTestHakika(database.url, { providers: new Map([...providers, [provider.id, provider]]) });
  const shop = await openShop(hakika, { provider: provider.id, ...connection });
  return {
    hakika,
    shop,
    sql: database.sql,
    async stop() {
      await hakika.stop();
      await shop.merchant.close();
      await database.drop();
    },
  };
}
