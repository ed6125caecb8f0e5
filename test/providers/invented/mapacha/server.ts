import { type SimulatedServer, serve } from "../../../../src/simulator/server.ts";
import { makeTokens } from "../../../../src/simulator/tokens.ts";

export type MapachaServer = SimulatedServer & { statuses: Map<string, Record<string, unknown>> };

/** Both products on one server. Each takes only the tokens of its own. */
export async function serveMapacha(): Promise<MapachaServer> {
  const statuses = new Map<string, Record<string, unknown>>();
  const tokens = { collection: makeTokens(3600), disbursement: makeTokens(3600) };
  const server = await serve(({ method, path, headers }, call) => {
    const [, product, rest] = /^\/(collection|disbursement)(\/.*)$/.exec(path) ?? [];
    if (product === undefined) return { status: 404, body: {} };
    const own = tokens[product as keyof typeof tokens];
    if (method === "POST" && rest === "/token/") {
      call.what = `${product} token`;
      if (headers.authorization !== `Basic ${product}-secret`) return { status: 401, body: {} };
      const { token, expiresInS } = own.issue();
      return { status: 200, body: { access_token: token, expires_in: expiresInS } };
    }
    call.what = `${product} status`;
    call.about = rest!.replace("/v1/", "");
    if (!own.isValid(headers.authorization)) return { status: 401, body: {} };
    const status = statuses.get(call.about);
    return status ? { status: 200, body: status } : { status: 404, body: {} };
  });
  return { ...server, statuses };
}
