import { type SimulatedServer, serve } from "../../../../src/simulator/server.ts";
import { makeTokens } from "../../../../src/simulator/tokens.ts";

export type KengeleServer = SimulatedServer & {
  statuses: Map<string, Record<string, unknown>>;
  noticeIds: Set<unknown>;
};

export async function serveKengele(): Promise<KengeleServer> {
  const statuses = new Map<string, Record<string, unknown>>();
  const noticeIds = new Set<unknown>();
  const tokens = makeTokens(300);
  const server = await serve(({ method, path, query, headers }, call) => {
    if (`${method} ${path}` === "POST /v3/token") {
      call.what = "token";
      const { token, expiresInS } = tokens.issue();
      return { status: 200, body: { access_token: token, expires_in: expiresInS } };
    }
    if (!tokens.isValid(headers.authorization)) return { status: 401, body: {} };
    if (`${method} ${path}` === "POST /v3/notices") {
      call.what = "register";
      return { status: 200, body: { id: "notice-1" } };
    }
    call.what = "status";
    call.about = query.get("trackingId");
    noticeIds.add(headers["x-notice-id"]);
    const status = statuses.get(call.about ?? "");
    return status ? { status: 200, body: status } : { status: 404, body: { message: "unknown" } };
  });
  return { ...server, statuses, noticeIds };
}
