import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Running } from "../../src/app/running.ts";
import { waitForDatabase } from "../../src/database/connect.ts";
import { serverAccount } from "../../src/embedded-postgres/account.ts";
import { freePort } from "../../src/embedded-postgres/port.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { api, openShop, type Shop, startTestHakika } from "../support/hakika.ts";
import { silentLog } from "../support/silent-log.ts";
import { expectSettledOnce } from "./expect-settled.ts";
import { startLoad } from "./load.ts";

const isInstalled = spawnSync("pgbouncer", ["--version"]).status === 0;
if (!isInstalled)
  console.warn("PgBouncer is not installed: the tests of a pooler are left out (apt-get install pgbouncer)");

/** The one setting that the documents ask for. */
function documentedLine(): string {
  const text = readFileSync(new URL("../../docs/operating.md", import.meta.url), "utf8");
  return /^ignore_startup_parameters = .+$/m.exec(text)![0];
}

describe.skipIf(!isInstalled)("through PgBouncer in transaction mode", () => {
  let database: TestDatabase;
  let pooler: ChildProcess;
  let url: string;
  let log = "";

  beforeAll(async () => {
    database = await testDatabase();
    const port = await freePort();
    const { hostname, port: serverPort, username, password, pathname } = new URL(database.url);
    const folder = mkdtempSync(path.join(inject("runFolder"), "pgbouncer-"));
    const name = pathname.slice(1);
    const settings = [
      ...["[databases]", `${name} = host=${hostname} port=${serverPort} dbname=${name}`, "[pgbouncer]"],
      ...["pool_mode = transaction", "listen_addr = 127.0.0.1", `listen_port = ${port}`, "unix_socket_dir ="],
      ...["auth_type = plain", `auth_file = ${folder}/users`, "default_pool_size = 6", documentedLine()],
    ];
    writeFileSync(path.join(folder, "users"), `"${username}" "${decodeURIComponent(password)}"\n`);
    writeFileSync(path.join(folder, "pgbouncer.ini"), `${settings.join("\n")}\n`);
    const account = serverAccount();
    if (account)
      for (const file of ["", "users", "pgbouncer.ini"]) chownSync(path.join(folder, file), account.uid, account.gid);
    pooler = spawn("pgbouncer", [path.join(folder, "pgbouncer.ini")], {
      stdio: ["ignore", "pipe", "pipe"],
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    for (const stream of [pooler.stdout!, pooler.stderr!]) stream.on("data", text => (log += text));
    const pooled = new URL(database.url);
    pooled.host = `127.0.0.1:${port}`;
    url = pooled.href;
  });

  afterAll(async () => {
    if (pooler.exitCode === null) {
      pooler.kill("SIGKILL");
      await once(pooler, "exit");
    }
    await database.drop();
  });

  test("a pooler is told from the server itself", async () => {
    expect(await waitForDatabase(url, AbortSignal.timeout(20_000), silentLog), log).toBe("pooled");
    expect(await waitForDatabase(database.url, AbortSignal.timeout(20_000), silentLog)).toBe("ready");
  });

  test("payments under load settle once, are told once, and two programs hear each other", async () => {
    const env = { DATABASE_DIRECT_URL: database.url };
    const programs: Running[] = [await startTestHakika(url, { env }), await startTestHakika(url, { env })];
    let shop: Shop | null = null;
    try {
      shop = await openShop(programs[0]!, { settings: { settle_on: "hint" } });
      const { pathname } = new URL(shop.connection.callback_urls.stk!);
      let turn = 0;
      const load = startLoad(() => programs[turn++ % 2]!.url + pathname, 8);
      await load.more(300);
      await load.stop();
      expect(load.refused).toEqual([]);
      await expectSettledOnce(database.sql, shop, load.answered, 45_000);
      const { data } = await api(programs[1]!, "GET", "/v1/callbacks?state=quarantined");
      expect(data).toEqual([]);
      expect(log).not.toMatch(/prepared statement|unsupported startup parameter/);
    } finally {
      await Promise.all(programs.map(program => program.stop()));
      await shop?.merchant.close();
    }
  });
});
