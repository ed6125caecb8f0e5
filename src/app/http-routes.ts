import type { Logger } from "pino";
import type { AnswerRoom } from "../answer/answer.ts";
import { createApi } from "../api/api.ts";
import { authenticate } from "../api/auth/authenticate.ts";
import type { KeyCache } from "../api/auth/key-cache.ts";
import { actorOf } from "../api/caller.ts";
import type { ApiDeps } from "../api/deps.ts";
import type { Directory } from "../connections/directory.ts";
import { type ConsoleDeps, createConsole } from "../console/console.ts";
import type { Db, Sql } from "../database/connect.ts";
import type { SecretBox } from "../database/encryption.ts";
import { isUnavailable } from "../database/unavailable.ts";
import type { Provider } from "../providers/provider.ts";
import { peerAddress } from "../receive/client-address.ts";
import { receiveRoutes } from "../receive/routes.ts";
import type { InboxWriter } from "../receive/store/inbox-writer.ts";
import type { PollDeps } from "../reconcile/poll/poll-transaction.ts";
import type { Settler } from "../settle/settler.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Config } from "./config.ts";
import type { App } from "./http-server.ts";

type HttpRoutesDeps = {
  config: Config;
  db: Db;
  sql: Sql;
  box: SecretBox;
  directory: Directory;
  providers: ReadonlyMap<string, Provider>;
  inboxWriter: InboxWriter;
  spoolBytes: () => number;
  answerRoom: AnswerRoom;
  settler: Settler;
  askDeps: PollDeps;
  backlog: ConsoleDeps["backlog"];
  keyCache: KeyCache;
  adminKey: string;
  publicUrl: string;
  log: Logger;
  telemetry: Telemetry;
  changed: ApiDeps["changed"];
  wakeInbox: ApiDeps["wakeInbox"];
  wakeDeliver: ApiDeps["wakeDeliver"];
  /** Aborted when the program stops. */
  stopping: AbortController;
};

/** What a receiver serves: callback URLs, the management API, the console. */
export function mountHttpRoutes(app: App, deps: HttpRoutesDeps): void {
  const { config, db, sql, box, directory, providers, inboxWriter, askDeps, publicUrl, adminKey, log, stopping } = deps;
  const { trustedProxies, egressAllow } = config;
  const now = () => new Date();
  const { answerRoom, telemetry } = deps;
  app.route("/", receiveRoutes({ directory, providers, inboxWriter, now, log, trustedProxies, answerRoom, telemetry }));

  const apiDeps: ApiDeps = {
    db,
    sql,
    box,
    adminKey,
    publicUrl,
    egressAllow,
    providers,
    directory,
    settler: deps.settler,
    reconcile: askDeps,
    keys: deps.keyCache,
    log,
    now,
    telemetry,
    changed: deps.changed,
    wakeInbox: deps.wakeInbox,
    wakeDeliver: deps.wakeDeliver,
    stopping: stopping.signal,
  };
  const api = createApi(apiDeps);
  app.route("/", api);

  const operators = createConsole({
    api: (path, init) => api.request(path, init),
    who: async key => {
      try {
        const caller = await authenticate(`Bearer ${key}`, apiDeps);
        return caller.kind === "problem" ? { kind: "unknown" } : { kind: "known", actor: actorOf(caller) };
      } catch (error) {
        if (isUnavailable(error)) return { kind: "away" };
        throw error;
      }
    },
    box,
    publicUrl: () => publicUrl,
    providers: [...providers.keys()],
    backlog: deps.backlog,
    spool: () => ({ bytes: deps.spoolBytes(), isDatabaseAway: inboxWriter.isDatabaseUnavailable() }),
    addressOf: c => peerAddress(c.env.incoming, trustedProxies),
    log,
    now,
  });
  app.route("/", operators);
}
