import type { CallContext, CallFailure, ProviderResponse, Send } from "../../src/providers/call.ts";
import type { Provider } from "../../src/providers/provider.ts";
import type { PollRequest } from "../../src/providers/status.ts";

/** An account of invented credentials; whatever a provider needs is there. */
export function accountOf(over: Partial<CallContext> = {}): CallContext {
  const { credentials, ...rest } = over;
  return {
    environment: "sandbox",
    settings: {},
    registeredIds: {},
    callbackUrls: {
      stk: "https://hakika.example/in/daraja/t0ken/stk",
      "c2b/confirmation": "https://hakika.example/in/daraja/t0ken/c2b/confirmation",
      "c2b/validation": "https://hakika.example/in/daraja/t0ken/c2b/validation",
      result: "https://hakika.example/in/daraja/t0ken/result",
      timeout: "https://hakika.example/in/daraja/t0ken/timeout",
      ipn: "https://hakika.example/in/kyanda/t0ken/ipn",
      webhook: "https://hakika.example/in/kopokopo/t0ken/webhook",
    },
    now: new Date("2025-10-18T20:30:26.000Z"),
    ...rest,
    credentials: {
      consumer_key: "key",
      consumer_secret: "secret",
      shortcode: "174379",
      passkey: "passkey",
      initiator_name: "apiop",
      security_credential: "sealed-credential",
      nominated_number: "0722000111",
      merchant_id: "MERCHANT",
      api_key: "api-key",
      username: "sandbox",
      client_id: "client",
      client_secret: "client-secret",
      experimental_status: "on",
      ...credentials,
    },
  };
}

/** A question about a transaction of ten minutes ago, never asked before. */
export function questionOf(over: Partial<PollRequest> & Pick<PollRequest, "kind" | "refs">): PollRequest {
  const account = accountOf(over);
  return {
    createdAt: new Date(account.now.getTime() - 600_000),
    provisionalSince: null,
    receiptInDoubt: null,
    ...over,
    ...account,
  };
}

/** An invented answer: an object goes as JSON. */
export function answerOf(status: number, body: unknown, headers: Record<string, string> = {}): ProviderResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answer", status, headers, body: new TextEncoder().encode(text) };
}

/** The least that a room's `send` does, over real HTTP: base URL, one token fetched when it is first needed. */
export function sendTo(baseUrl: string, provider: Provider, account: CallContext): Send {
  let token: string | null = null;
  const fetchToken = async (): Promise<string | CallFailure> => {
    const answer = await send(provider.token!.request(account));
    if (answer.kind !== "answer") return answer;
    const read = provider.token!.read(answer, account.now);
    return read.kind === "token" ? read.token : read;
  };
  const send: Send = async call => {
    const headers: Record<string, string> = { ...call.headers };
    if (call.auth === "bearer") {
      const had = token ?? (await fetchToken());
      if (typeof had !== "string") return had;
      token = had;
      headers.authorization = `Bearer ${token}`;
    }
    try {
      const answer = await fetch(baseUrl + call.path, {
        method: call.method,
        headers,
        body: call.body ?? null,
        redirect: "manual",
        signal: AbortSignal.timeout(20_000),
      });
      const body = new Uint8Array(await answer.arrayBuffer());
      return { kind: "answer", status: answer.status, headers: Object.fromEntries(answer.headers), body };
    } catch {
      return { kind: "unavailable", reason: "no connection" };
    }
  };
  return send;
}
