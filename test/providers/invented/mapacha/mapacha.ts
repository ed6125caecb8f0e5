import type { Kind } from "../../../../src/domain/kinds.ts";
import type { ProviderResponse } from "../../../../src/providers/call.ts";
import { readBearerToken } from "../../../../src/providers/kit/bearer-token.ts";
import { fieldsOf } from "../../../../src/providers/kit/fields.ts";
import { identityOf } from "../../../../src/providers/kit/identity.ts";
import { keyOf } from "../../../../src/providers/kit/key.ts";
import { collectProblems } from "../../../../src/providers/kit/problems.ts";
import { jsonReply } from "../../../../src/providers/kit/reply.ts";
import { failureByStatus, isOk, jsonObjectOf } from "../../../../src/providers/kit/response.ts";
import { evidenceAnswer, notYet } from "../../../../src/providers/kit/status-answers.ts";
import { type StatusTable, saysOf } from "../../../../src/providers/kit/status-table.ts";
import { idOf, present, textOf } from "../../../../src/providers/kit/text.ts";
import type { Channel, Provider, Reading } from "../../../../src/providers/provider.ts";
import type { PollRequest, StatusAnswer, StatusCall } from "../../../../src/providers/status.ts";
import type { TokenCall } from "../../../../src/providers/token.ts";

/** One product: its kind of transaction, its callbacks, its host and its access token. */
const products = { collection: "payment", disbursement: "mobile_payout" } as const satisfies Record<string, Kind>;
type Product = keyof typeof products;

export const saysByStatus: StatusTable = { SUCCESSFUL: "completed", FAILED: "failed", PENDING: "pending" };

const identity = identityOf("reference_id");

/** Money in and money out are two products with a host and an access token each; callbacks are PUT. */
export const mapacha: Provider = {
  id: "mapacha",
  name: "Mapacha",
  credentials: [
    { name: "collection_key", secret: true, means: "the key of the product that collects" },
    { name: "disbursement_key", secret: true, means: "the key of the product that pays out" },
  ],
  channels: { collection: channelOf("collection"), disbursement: channelOf("disbursement") },
  kinds: ["payment", "mobile_payout"],
  identity: (_kind, refs) => identity(refs),
  refs: ["financial_id", "reference_id"],
  currency: ({ environment }) => (environment === "sandbox" ? "EUR" : "UGX"),
  baseUrls: {
    sandbox: {
      collection: "https://sandbox.mapacha.example/collection",
      disbursement: "https://sandbox.mapacha.example/disbursement",
    },
    production: {
      collection: "https://in.mapacha.example/collection",
      disbursement: "https://out.mapacha.example/disbursement",
    },
  },
  token: null,
  tokens: { collection: tokenOf("collection"), disbursement: tokenOf("disbursement") },
  status: statusCall(),
  pull: null,
  register: null,
};

function channelOf(product: Product): Channel {
  return {
    methods: ["PUT"],
    forms: false,
    key: body => keyOf(idOf(body.referenceId), textOf(body.status)),
    read: body => readPayment(products[product], body),
    accepted: () => jsonReply({}),
    unreadable: null,
  };
}

function readPayment(kind: Kind, body: Record<string, unknown>): Reading {
  const field = fieldsOf(body);
  const problems = collectProblems();
  const referenceId = problems.id("referenceId", field("referenceId"));
  const status = problems.text("status", field("status"));
  const amount = problems.amount("amount", field("amount"), textOf(field("currency")) ?? "UGX");
  const found = problems.found();
  if (found) return found;
  const refs = { reference_id: referenceId, ...present({ financial_id: field("financialTransactionId") }) };
  const says = saysOf(saysByStatus, status, "pending");
  const finding = { kind, says, refs, identity: identity(refs), result: { code: status, description: status } };
  return { kind: "evidence", findings: [{ ...finding, ...(amount && { amount }) }] };
}

function tokenOf(product: Product): TokenCall {
  const credential = `${product}_key`;
  return {
    credentials: [[credential]],
    request: ({ credentials }) => ({
      method: "POST",
      host: product,
      path: "/token/",
      headers: { authorization: `Basic ${credentials[credential]}` },
    }),
    read: (answer, now) => readBearerToken(answer, now, 3600),
  };
}

function statusCall(): StatusCall {
  const needs = (product: Product) => ({
    credentials: [[`${product}_key`]] as [string[]],
    refs: ["reference_id"] as [string],
  });
  return {
    kinds: { payment: needs("collection"), mobile_payout: needs("disbursement") },
    ratePerMinute: { sandbox: 600, production: 600 },
    async poll(request, send) {
      const product = request.kind === "payment" ? "collection" : "disbursement";
      const path = `/v1/${encodeURIComponent(request.refs.reference_id ?? "")}`;
      const answer = await send({ method: "GET", host: product, path, auth: { token: product } });
      return answer.kind === "answer" ? readStatus(answer, request) : answer;
    },
    readDeferredAnswer: null,
  };
}

function readStatus(answer: ProviderResponse, { kind, refs, now }: PollRequest): StatusAnswer {
  const failure = failureByStatus(answer, now, true);
  if (failure) return failure;
  if (answer.status === 404) return { kind: "not-found" };
  const body = jsonObjectOf(answer);
  if (body === null || !isOk(answer)) return notYet(`HTTP ${answer.status}`);
  const reading = readPayment(kind, { ...body, referenceId: refs.reference_id });
  return reading.kind === "evidence" ? evidenceAnswer(reading.findings[0]) : notYet("the answer cannot be read");
}
