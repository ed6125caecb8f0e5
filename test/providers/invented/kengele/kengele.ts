import { formatMoney } from "../../../../src/domain/money.ts";
import type { ProviderResponse } from "../../../../src/providers/call.ts";
import { readBearerToken } from "../../../../src/providers/kit/bearer-token.ts";
import { fieldsOf } from "../../../../src/providers/kit/fields.ts";
import { identityOf } from "../../../../src/providers/kit/identity.ts";
import { keyOf } from "../../../../src/providers/kit/key.ts";
import { postJson } from "../../../../src/providers/kit/post-json.ts";
import { collectProblems } from "../../../../src/providers/kit/problems.ts";
import { jsonReply } from "../../../../src/providers/kit/reply.ts";
import { failureByStatus, isOk, jsonObjectOf, unavailable } from "../../../../src/providers/kit/response.ts";
import { evidenceAnswer, notYet, unreadableAnswer } from "../../../../src/providers/kit/status-answers.ts";
import { type StatusTable, saysOf } from "../../../../src/providers/kit/status-table.ts";
import { idOf, textOf } from "../../../../src/providers/kit/text.ts";
import type { Channel, Provider } from "../../../../src/providers/provider.ts";
import type { RegisterCall } from "../../../../src/providers/register.ts";
import type { StartCall } from "../../../../src/providers/start.ts";
import type { PollRequest, StatusAnswer, StatusCall } from "../../../../src/providers/status.ts";
import type { TokenCall } from "../../../../src/providers/token.ts";

const saysByStatus: StatusTable = {
  completed: "completed",
  failed: "failed",
  reversed: "refunded",
  invalid: "pending",
};

const identity = identityOf("tracking_id");

/** Says only that something changed, unsigned, as GET or POST; what happened is asked for. */
const notices: Channel = {
  methods: ["GET", "POST"],
  forms: false,
  key: body => keyOf(idOf(body.trackingId), textOf(body.type)),
  read(body) {
    const problems = collectProblems();
    const trackingId = problems.id("trackingId", body.trackingId);
    const found = problems.found();
    if (found) return found;
    const refs = { tracking_id: trackingId };
    const reference = textOf(body.reference);
    const finding = { kind: "checkout", says: "nothing", refs, identity: identity(refs) } as const;
    return { kind: "changed", findings: [{ ...finding, ...(reference !== null && { reference }) }] };
  },
  accepted: body => jsonReply({ trackingId: textOf(body.trackingId), status: 200 }),
  unreadable: null,
};

const app = [["consumer_key", "consumer_secret"]] as [string[]];

const token: TokenCall = {
  credentials: app,
  request: ({ credentials }) =>
    postJson("/token", { key: credentials.consumer_key, secret: credentials.consumer_secret }),
  read: (answer, now) => readBearerToken(answer, now, 300),
};

const status: StatusCall = {
  kinds: { checkout: { credentials: app, refs: ["tracking_id"] } },
  ratePerMinute: { sandbox: 600, production: 600 },
  async poll(request, send) {
    const path = `/status?trackingId=${encodeURIComponent(request.refs.tracking_id ?? "")}`;
    const headers = { "x-notice-id": request.registeredIds.notice_id ?? "none" };
    const answer = await send({ method: "GET", path, headers, auth: "bearer" });
    return answer.kind === "answer" ? readStatus(answer, request) : answer;
  },
  readDeferredAnswer: null,
};

function readStatus(answer: ProviderResponse, { kind, refs, now }: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, now, true);
  if (failure) return failure;
  const body = jsonObjectOf(answer);
  if (body === null) return unavailable("no JSON object");
  if (answer.status === 404) return { kind: "not-found" };
  if (!isOk(answer)) return notYet(`HTTP ${answer.status}`);
  const field = fieldsOf(body);
  const code = textOf(field("status"));
  if (code === null) return notYet("no status");
  const problems = collectProblems();
  const amount = problems.amount("amount", field("amount"), textOf(field("currency")) ?? "KES");
  const found = problems.found();
  if (found) return unreadableAnswer(found.problems);
  const ids = { tracking_id: refs.tracking_id! };
  const says = saysOf(saysByStatus, code, "pending");
  const finding = { kind, says, refs: ids, identity: identity(ids), result: { code, description: code } };
  return evidenceAnswer({ ...finding, ...(amount && { amount }) });
}

const registerNotices: RegisterCall = {
  what: "notice URL",
  credentials: app,
  async run({ callbackUrls }, send) {
    const answer = await send(postJson("/notices", { url: callbackUrls.notices, method: "GET" }, { auth: "bearer" }));
    if (answer.kind !== "answer") return answer;
    const noticeId = textOf(fieldsOf(jsonObjectOf(answer))("id"));
    if (!isOk(answer) || noticeId === null) return { kind: "refused", code: null, reason: `HTTP ${answer.status}` };
    return { kind: "registered", channels: ["notices"], ids: { notice_id: noticeId } };
  },
};

const start: StartCall = {
  kinds: {
    checkout: {
      credentials: app,
      options: { branch: { required: false, means: "the shop that is paid" } },
      idempotent: false,
    },
  },
  request({ id, amount, description, registeredIds, options }) {
    const noticeId = registeredIds.notice_id;
    if (noticeId === undefined) {
      return {
        kind: "problems",
        problems: [{ path: "", message: "register the callback URLs of the connection first" }],
      };
    }
    if (amount === null) return { kind: "problems", problems: [{ path: "amount", message: "required" }] };
    const order = { id, amount: formatMoney(amount), currency: amount.currency, description, noticeId, ...options };
    return { kind: "call", call: postJson("/orders", order, { auth: "bearer" }), refs: {} };
  },
  read(answer, { now }) {
    const failure = failureByStatus(answer, now, true);
    if (failure) return failure;
    const field = fieldsOf(jsonObjectOf(answer));
    const trackingId = idOf(field("trackingId"));
    if (answer.status === 400) return { kind: "refused", code: textOf(field("code")) ?? "400", reason: "HTTP 400" };
    if (trackingId === null) return { kind: "unknown", reason: `HTTP ${answer.status}` };
    const redirectUrl = textOf(field("url"));
    const refs = { tracking_id: trackingId };
    return { kind: "accepted", refs, message: null, ...(redirectUrl !== null && { redirectUrl }) };
  },
};

/** Callbacks that only say that something changed; one may be forged, and does no more than a poll. */
export const kengele: Provider = {
  id: "kengele",
  name: "Kengele",
  credentials: [
    { name: "consumer_key", secret: false, means: "the app's key" },
    { name: "consumer_secret", secret: true, means: "the app's secret" },
  ],
  channels: { notices },
  kinds: ["checkout"],
  identity: (_kind, refs) => identity(refs),
  refs: ["tracking_id"],
  currency: "KES",
  baseUrls: { sandbox: "https://sandbox.kengele.example/v3", production: "https://pay.kengele.example/v3" },
  token,
  status,
  pull: null,
  register: [registerNotices],
  start,
};
