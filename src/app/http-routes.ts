import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { AnswerRoom } from "../answer/answer.ts";
import { createApi } from "../api/api.ts";
import { ownerOf, referenceOf } from "../api/auth/authenticate.ts";
import type { KeyUse } from "../api/auth/key-use.ts";
import type { ApiDeps } from "../api/deps.ts";
import { createReaders } from "../api/events/readers.ts";
import { rootCause } from "../api/failure.ts";
import { mountFallbacks } from "../api/fallback-responses.ts";
import { createHealth } from "../api/health/health.ts";
import { createTokenBuckets } from "../batch/token-bucket.ts";
import { createConsole } from "../console/console.ts";
import { pendingMigrations } from "../database/migrate.ts";
import { notify } from "../database/notices.ts";
import { refusedStatement } from "../database/refused-statements.ts";
import { isUnavailable } from "../database/unavailable.ts";
import { peerAddress } from "../receive/client-address.ts";
import { createPublishedKeys } from "../receive/published-keys.ts";
import { receiveRoutes } from "../receive/routes.ts";
import type { App } from "./http-server.ts";
import { onNotice } from "./notices.ts";
import type { Program } from "./program.ts";
import type { Inbox } from "./receiver-services.ts";

/** Keys whose calls are counted. */
const ratedKeysMax = 10_000;
/** A key may make so many seconds' calls at once. */
const burstS = 4;

type HttpRoutesDeps = {
  keyUse: KeyUse;
  inbox: Inbox;
  answerRoom: AnswerRoom;
  /** Ends passes of the API early. */
  stopping: AbortSignal;
  /** Ends streams of events, and waits for them. */
  closing: AbortSignal;
  /** The id of this process's heartbeat; null without a worker. */
  workerId: string | null;
};

const now = () => new Date();

/** `admin`: for the address of its own; null where `main` serves all. */
type HttpRoutes = { main: App; admin: App | null };

/**
 * Everything that the program serves: every process its health and metrics, a receiver also the rest. With
 * `HAKIKA_ADMIN_LISTEN` the public address has what providers and merchants call, and no more.
 */
export function httpRoutes(program: Program, deps: HttpRoutesDeps): HttpRoutes {
  const { config, clients, metrics, log } = program;
  const main: App = new Hono<{ Bindings: HttpBindings }>();
  const admin: App = config.adminListen === null ? main : new Hono<{ Bindings: HttpBindings }>();
  if (config.roles.has("receiver")) {
    const apiDeps = apiDepsOf(program, deps);
    const api = createApi(apiDeps);
    main.route("/", callbackRoutes(program, deps));
    if (admin !== main) main.route("/", createApi(apiDeps, "merchants"));
    admin.route("/", api);
    admin.route("/", consoleRoutes(program, deps, api, apiDeps));
  }
  const { db, sql } = clients;
  const { workerId } = deps;
  const health = { db, pendingMigrations: () => pendingMigrations(sql), workerId, registry: metrics };
  for (const app of new Set([main, admin])) {
    app.route("/", createHealth(health, { hasMetrics: app === admin }));
    mountFallbacks(app, log);
  }
  return { main, admin: admin === main ? null : admin };
}

function callbackRoutes(program: Program, { inbox, answerRoom }: HttpRoutesDeps): App {
  const { config, publicUrl, directory, providers, reconcile, log, telemetry } = program;
  const { trustedProxies } = config;
  const inboxWriter = inbox.writer;
  return receiveRoutes({
    ...{ directory, providers, inboxWriter, publicUrl, now, log, telemetry, trustedProxies, answerRoom },
    vault: program.clients.vault,
    publishedKeys: createPublishedKeys({ egress: reconcile.egress, now }),
  });
}

function apiDepsOf(program: Program, { stopping, closing, keyUse }: HttpRoutesDeps): ApiDeps {
  const { config, keys, clients, keyCache, reconcile, wakeUps, auditKey } = program;
  const { callsPerS, ...limits } = config.limits;
  const { publicUrl, box, providers, directory, phones, log, telemetry } = program;
  const { db, sql } = clients;
  return {
    ...{ db, sql, box, publicUrl, providers, directory, phones, reconcile, log, telemetry, now, stopping, closing },
    adminKey: keys.adminKey,
    egressAllow: config.egressAllow,
    timeZone: config.timeZone,
    sendsEmail: config.mailServer !== null,
    settler: reconcile.settler,
    keys: keyCache,
    ...{ keyUse, limits, auditKey, readers: createReaders() },
    rate: createTokenBuckets({
      perS: callsPerS,
      burst: burstS * callsPerS,
      keysMax: ratedKeysMax,
      nowMs: () => performance.now(),
    }),
    addressOf: c => peerAddress(c.env.incoming, config.trustedProxies),
    async changed(notice) {
      onNotice(program, notice);
      await notify(sql, notice);
    },
    wakeInbox: shard => wakeUps.inbox([shard]),
    wakeDeliver: wakeUps.deliveries,
    wakeStatements: wakeUps.statements,
  };
}

/** The console reads and writes merchants' data through the API alone. */
function consoleRoutes(program: Program, { inbox }: HttpRoutesDeps, api: Hono, apiDeps: ApiDeps): Hono {
  const { config, publicUrl, providers, backlog, log, telemetry } = program;
  const { db, auditKey, adminKey, addressOf } = apiDeps;
  return createConsole({
    ...{ db, auditKey, addressOf, backlog, log, now },
    api: (path, init, inProcess) => api.request(path, init, { inProcess }),
    ownerOf: key => ownerOf(key, apiDeps),
    identify: async text => {
      try {
        const key = referenceOf(text, adminKey);
        const owner = key && (await ownerOf(key, apiDeps));
        return owner ? { kind: "known", person: { owner, key } } : { kind: "unknown" };
      } catch (error) {
        const cause = rootCause(error);
        if (isUnavailable(cause) && refusedStatement(cause) === null) return { kind: "unavailable" };
        throw error;
      }
    },
    publicUrl: () => publicUrl,
    tooManyFailures: () => telemetry.publish("limit.reached", () => ({ limit: "sign_ins" })),
    hasOwnAddress: config.adminListen !== null,
    providers: [...providers.keys()],
    timeZone: config.timeZone,
    spool: () => ({ bytes: inbox.spool.bytes(), isDatabaseUnavailable: inbox.writer.isDatabaseUnavailable() }),
  });
}
