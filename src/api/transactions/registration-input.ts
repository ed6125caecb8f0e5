import { z } from "zod";
import { currencyDigits, minorDigits } from "../../domain/currencies.ts";
import { type Kind, kindNames, type ProviderRefs } from "../../domain/kinds.ts";
import { parseAmount } from "../../domain/money.ts";
import { parsePhone } from "../../domain/phone.ts";
import type { Registration } from "../../domain/transaction.ts";
import { refNamesOf } from "../../providers/names.ts";
import type { Provider } from "../../providers/provider.ts";
import { providers as registry } from "../../providers/registry.ts";
import { type FieldError, invalid, type ProblemDetails } from "../problem.ts";
import { idInput, noControlCharacters, phonePattern, timeInput } from "../schemas/fields.ts";
import { placeholderErrors } from "./placeholder-refs.ts";
import { unknownRefs } from "./ref-names.ts";

const idCharsMax = 200;
const metadataNamesMax = 50;
const metadataBytesMax = 16 * 1024;

const idText = z.string().trim().min(1).max(idCharsMax).regex(noControlCharacters, "must not have control characters");

/**
 * `refErrors` checks the names against the program's providers; the API document lists those of the built-in providers.
 */
const refsInput = z.record(z.string(), idText.nullable()).meta({
  id: "ProviderRefsInput",
  description: "The provider's ids, as in its response to your request; null counts as left out",
  properties: Object.fromEntries(refNamesOf(registry.values()).map(name => [name, z.toJSONSchema(idText.nullable())])),
  propertyNames: undefined,
  additionalProperties: false,
});

/** More decimals than the currency has are taken where they are zeros; zero is refused. */
const amountPattern = "^(?=.*[1-9])([0-9]{1,15}|[1-9][0-9]{0,2}(,[0-9]{3}){1,4})(\\.[0-9]{1,4})?$";

/** An amount as merchants and operators send it. Parsed with its currency. */
export const amountInput = z.union(
  [z.string().meta({ pattern: amountPattern }), z.number().meta({ exclusiveMinimum: 0, maximum: 1e15 })],
  'must be decimal text such as "50.00", or a number',
);

/** Every code, in any letter case and with blanks around it. */
export const currencyPattern = `^\\s*(${Object.keys(currencyDigits)
  .map(code => code.replace(/./g, letter => `[${letter}${letter.toLowerCase()}]`))
  .join("|")})\\s*$`;

export const registrationInput = z.strictObject({
  connection_id: idInput("connection"),
  kind: z.enum(kindNames),
  provider_refs: refsInput.nullish(),
  reference: idText.nullish().meta({ description: "Your own reference. Required where `provider_refs` is empty." }),
  amount: amountInput.nullish().meta({
    description: "Decimal text. It is compared with the amount that the provider reports.",
    examples: ["50.00"],
  }),
  currency: z
    .string()
    .meta({ pattern: currencyPattern })
    .nullish()
    .meta({ description: "ISO 4217. By default KES, at providers that have no other currency.", examples: ["KES"] }),
  phone: z
    .string()
    .meta({ pattern: phonePattern })
    .nullish()
    .meta({
      description: "The full number with its country code. A Kenyan number may begin with 0.",
      examples: ["+254700000001"],
    }),
  expires_at: timeInput.nullish().meta({
    description: "A transaction that is not final by then is polled once more and becomes `expired`",
    examples: ["2030-01-01T00:00:00Z"],
  }),
  metadata: z
    .record(z.string().min(1).max(100), z.unknown())
    .nullish()
    .meta({ description: `Any JSON of yours, at most ${metadataNamesMax} names and ${metadataBytesMax} bytes` }),
  amend: z.boolean().nullish().meta({
    description: "Whether it may change what was registered before: without it, other values are refused with 409",
  }),
});

export type RegistrationInput = z.output<typeof registrationInput>;

/**
 * The context that a registration is checked in. `currency` is the currency of an amount without one, `country` (ISO
 * 3166) that of a phone without a country code.
 */
export type RegistrationContext = {
  provider: Provider;
  providers: ReadonlyMap<string, Provider>;
  currency: string | null;
  country: string;
  now: Date;
};

/** Checks a registration against its provider, the names that the providers declare, and the present time. */
export function readRegistration(
  input: RegistrationInput,
  { provider, providers, currency, country, now }: RegistrationContext,
): { kind: "registration"; registration: Registration } | ProblemDetails {
  const money = readMoney(input, provider, currency);
  const phone = isAbsent(input.phone) ? null : parsePhone(input.phone, country);
  const refs = withoutNulls(input.provider_refs ?? {});
  const metadata = input.metadata ?? {};
  const errors: FieldError[] = [
    ...kindErrors(input.kind, provider),
    ...unknownRefs(Object.keys(input.provider_refs ?? {}), providers),
    ...placeholderErrors(refs, provider),
    ...refErrors(input, refs, provider),
    ...money.errors,
    ...(!isAbsent(input.phone) && phone === null
      ? [{ path: "phone", message: "is not a phone number: send all of it, such as +254700000001" }]
      : []),
    ...(!isAbsent(input.expires_at) && input.expires_at <= now
      ? [{ path: "expires_at", message: "must be in the future" }]
      : []),
    ...metadataErrors(metadata),
  ];
  const [first, ...rest] = errors;
  if (first !== undefined) return invalid([first, ...rest]);
  return {
    kind: "registration",
    registration: {
      kind: input.kind,
      refs,
      reference: input.reference ?? null,
      amount: money.amount,
      phone,
      expiresAt: input.expires_at ?? null,
      metadata,
    },
  };
}

/** A field that is null counts as left out. */
function isAbsent<T>(value: T | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}

function withoutNulls(refs: Record<string, string | null>): ProviderRefs {
  return Object.fromEntries(Object.entries(refs).filter((entry): entry is [string, string] => entry[1] !== null));
}

function kindErrors(kind: Kind, provider: Provider): FieldError[] {
  if (provider.kinds.includes(kind)) return [];
  return [{ path: "kind", message: `is not a kind of ${provider.name}, which has ${provider.kinds.join(", ")}` }];
}

/** Without a reference, the provider's ids must identify the transaction: `Provider.identity` says which ids do. */
function refErrors(input: RegistrationInput, refs: ProviderRefs, provider: Provider): FieldError[] {
  if (!isAbsent(input.reference) || !provider.kinds.includes(input.kind)) return [];
  if (provider.identity(input.kind, refs).length > 0) return [];
  const identifying = (provider.refs ?? []).filter(name => provider.identity(input.kind, { [name]: "x" }).length > 0);
  const ids = identifying.join(" or ") || "the provider's ids";
  return [
    {
      path: "provider_refs",
      message: `do not identify the transaction: send ${ids}, or a reference`,
    },
  ];
}

/** An amount in the currency that was named, else in `presumed`, the provider's own. */
export function readMoney(
  input: Pick<RegistrationInput, "amount" | "currency">,
  provider: Provider,
  presumed: string | null,
) {
  const currency = input.currency ?? presumed;
  if (!isAbsent(input.currency) && minorDigits(input.currency.trim().toUpperCase()) === null) {
    return { amount: null, errors: [{ path: "currency", message: "is not an ISO 4217 code, such as KES" }] };
  }
  if (isAbsent(input.amount)) return { amount: null, errors: [] };
  if (currency === null) {
    return {
      amount: null,
      errors: [{ path: "currency", message: `is required with an amount at ${provider.name}` }],
    };
  }
  const parsed = parseAmount(input.amount, currency);
  if (!parsed.ok) return { amount: null, errors: [{ path: "amount", message: parsed.message }] };
  if (parsed.money.minor === 0n)
    return { amount: null, errors: [{ path: "amount", message: "must be more than zero" }] };
  return { amount: parsed.money, errors: [] };
}

export function metadataErrors(metadata: Record<string, unknown>): FieldError[] {
  if (Object.keys(metadata).length > metadataNamesMax) {
    return [{ path: "metadata", message: `must have at most ${metadataNamesMax} names` }];
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > metadataBytesMax) {
    return [{ path: "metadata", message: `must be at most ${metadataBytesMax} bytes as JSON` }];
  }
  return [];
}
