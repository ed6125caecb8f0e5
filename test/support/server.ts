import { serverAccount } from "../../src/embedded-postgres/account.ts";
import { layoutOf } from "../../src/embedded-postgres/layout.ts";
import { readyBinaries } from "../../src/embedded-postgres/place.ts";
import { startEmbedded } from "../../src/embedded-postgres/start.ts";
import { silentLog } from "./silent-log.ts";

export type TestServer = { url: string; bin: string | undefined; stop(): Promise<void> };

/**
 * `TEST_DATABASE_URL` or `DATABASE_URL` where one is set (databases of its own are made there), else an embedded
 * server.
 */
export async function startTestServer(dataDir: string): Promise<TestServer> {
  const given = process.env.TEST_DATABASE_URL ?? process.env.DATABASE_URL;
  if (given) return { url: given, bin: undefined, stop: async () => {} };
  const binDir = process.env.PG_BIN_DIR;
  const { ownerUrl: url, stop } = await startEmbedded({ dataDir, binDir, log: silentLog });
  const { bin } = readyBinaries(layoutOf(dataDir), binDir, serverAccount(), silentLog);
  return { url, bin, stop };
}
