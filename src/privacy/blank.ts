type Json = Record<string, unknown>;

/** Takes a number out of a text; the identity where the number is not known. */
export type TakeOut = (text: string) => string;

/** A stored finding without what is personal. Amounts, ids and what decides a status stay. */
export function blankFinding(finding: Json, takeOut: TakeOut): Json {
  const { phone: _p, phoneMasked: _m, phoneSha256: _s, partyName: _n, details: _d, note: _o, ...rest } = finding;
  return { ...rest, ...blankTexts(rest, takeOut) };
}

/** Registered values, and those that they replaced. */
export function blankRegistered({ values, amendedFrom }: { values: Json; amendedFrom: Json | null }, takeOut: TakeOut) {
  const blank = (each: Json) => ({ ...each, phone: null, ...blankTexts(each, takeOut) });
  return { values: blank(values), amendedFrom: amendedFrom && blank(amendedFrom) };
}

/** The body of an event: of a transaction without its person, of a message without its payload, of a session empty. */
export function blankEvent(body: string, takeOut: TakeOut): string {
  const event = JSON.parse(body) as { data: Json };
  const { transaction, payload, session } = event.data as { transaction?: Json; payload?: Json; session?: Json };
  const data = { ...event.data };
  if (transaction) data.transaction = blankTransaction(transaction, takeOut);
  if (payload) data.payload = {};
  if (session) data.session = blankSession(session);
  return JSON.stringify({ ...event, data });
}

/** A transaction as the API and events show it. */
export function blankTransaction(transaction: Json, takeOut: TakeOut): Json {
  const { review, start } = transaction as { review?: Json | null; start?: Json | null };
  const message = start?.provider_message;
  return {
    ...transaction,
    phone: null,
    phone_masked: null,
    party_name: null,
    details: {},
    metadata: {},
    ...blankTexts(transaction, takeOut),
    ...(typeof message === "string" && { start: { ...start, provider_message: takeOut(message) } }),
    ...(review && { review: { ...review, detail: takeOut(String(review.detail)) } }),
  };
}

function blankSession(session: Json): Json {
  const hops = (session.hops as Json[] | undefined) ?? [];
  return { ...session, phone: null, hops: hops.map(hop => ({ ...hop, input: "", answer: "" })) };
}

/** A reference may be a number that the payer typed, and a provider's description may repeat it. */
function blankTexts({ reference, result }: Json, takeOut: TakeOut): Json {
  const { description } = (result as { description?: unknown } | null) ?? {};
  return {
    ...(typeof reference === "string" && { reference: takeOut(reference) }),
    ...(typeof description === "string" && { result: { ...(result as Json), description: takeOut(description) } }),
  };
}
