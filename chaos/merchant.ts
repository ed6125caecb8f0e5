import { setTimeout as pause } from "node:timers/promises";
import { webhookProblem } from "../src/simulator/play/verify-webhook.ts";
import { serve } from "../src/simulator/server.ts";
import type { Heard } from "./judge.ts";

/** An endpoint of a simulated merchant, which may misbehave. */
export type Endpoint = {
  url: string;
  /** What it answered 2xx to, in the order of arrival, copies too. */
  heard: Heard[];
  secret: string;
  does: "well" | "hang" | "fail" | "answer late";
  close(): Promise<void>;
};

const lateMs = 2_000;

export async function startEndpoint(): Promise<Endpoint> {
  const server = await serve(async ({ headers, body }, call) => {
    call.what = "event";
    const { does } = endpoint;
    if (does === "hang") return "hang";
    if (does === "fail") return { status: 500, body: "" };
    const { type, data } = JSON.parse(body) as {
      type: string;
      data: { transaction?: { id: string }; sequence?: number };
    };
    const problem = webhookProblem({ headers, body }, endpoint.secret, Date.now());
    endpoint.heard.push({
      webhookId: String(headers["webhook-id"]),
      type,
      transactionId: data.transaction?.id ?? "",
      sequence: data.sequence ?? 0,
      body,
      problem,
    });
    if (does === "answer late") await pause(lateMs);
    return { status: 204, body: "" };
  });
  const endpoint: Endpoint = { url: `${server.url}/hooks`, heard: [], secret: "", does: "well", close: server.close };
  return endpoint;
}
