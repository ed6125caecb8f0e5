import { z } from "zod";
import { parseRange } from "../egress/address.ts";
import { commonHeaders } from "./common-headers.ts";

const rangesMax = 200;
const secretCharsMax = 4096;

/** A shorter secret can be guessed by a sender that tries day and night. */
const secretCharsMin = 16;

const headerName = z
  .string()
  .max(128)
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be a header's name: letters, digits and dashes");
/** A header that any request may have, with a value that others can guess, proves nothing. */
const provingHeaderName = headerName.regex(
  commonHeaders,
  "is a header that every request may have, so it proves nothing: name one of the provider's own",
);
const secret = z.string().min(1).max(secretCharsMax);
const strongSecret = z
  .string()
  .min(secretCharsMin, `must have at least ${secretCharsMin} characters`)
  .max(secretCharsMax);
const range = z
  .string()
  .max(64)
  .refine(text => parseRange(text) !== null, "must be an address or a CIDR, such as 196.201.214.0/24")
  .meta({ examples: ["196.201.214.0/24"] });

const address = z.strictObject({ mode: z.enum(["off", "log", "enforce"]), ranges: z.array(range).max(rangesMax) });

const addressInput = z
  .strictObject({ mode: address.shape.mode.optional(), ranges: address.shape.ranges.default([]) })
  .refine(({ mode, ranges }) => mode !== "enforce" || ranges.length > 0, {
    path: ["ranges"],
    message: "must name at least one range where mode is enforce: otherwise every callback is refused",
  })
  // Addresses that integrators list may be incomplete and must not lose a callback: ranges without a mode mean `log`.
  .transform(({ mode, ranges }) => ({ mode: mode ?? (ranges.length > 0 ? "log" : "off"), ranges }));

const signature = z.strictObject({
  header: headerName,
  algorithm: z.enum(["sha256", "sha512"]),
  encoding: z.enum(["hex", "base64"]),
  prefix: z.string().max(100).optional().meta({ description: "What precedes the signature, e.g. `sha256=`" }),
  secret,
});
const basic = z.strictObject({
  username: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^:]+$/, "must not contain a colon"),
  password: secret,
});
const header = z.strictObject({ name: headerName, value: secret });

/** How callbacks of a connection are verified, as the API takes it. */
export const verificationInput = z
  .strictObject({
    address: addressInput.prefault({}),
    signature: signature.extend({ header: provingHeaderName, secret: strongSecret }).optional(),
    basic: basic.extend({ password: strongSecret }).optional(),
    header: header.extend({ name: provingHeaderName, value: strongSecret }).optional(),
  })
  .meta({ id: "VerificationInput" });

/** What is stored, and may be weaker: it was taken before secrets had a least length. */
export const storedVerification = z.strictObject({
  address: addressInput.prefault({}),
  signature: signature.optional(),
  basic: basic.optional(),
  header: header.optional(),
});

/** How callbacks of a connection are verified, with secrets in plain text: never logged, shown or stored like this. */
export type Verification = z.output<typeof verificationInput>;

/** The same without secrets, as the API shows it and `connections.verification` stores it. */
export const shownVerification = z
  .object({
    address,
    signature: signature.omit({ secret: true }).optional(),
    basic: basic.omit({ password: true }).optional(),
    header: header.omit({ value: true }).optional(),
  })
  .meta({
    id: "Verification",
    description: "Without secrets. The secret of `signature`, `basic` or `header` is set where that part is there.",
  });

export type ShownVerification = z.output<typeof shownVerification>;

/** What `connections.verification_secrets` seals, as JSON. */
export type VerificationSecrets = { signature?: string; basic?: string; header?: string };

/** Splits what is shown from what is sealed. */
export function splitSecrets(verification: Verification): { shown: ShownVerification; secrets: VerificationSecrets } {
  const { address, signature, basic, header } = verification;
  const shown: ShownVerification = { address };
  const secrets: VerificationSecrets = {};
  if (signature) {
    const { secret, ...rest } = signature;
    shown.signature = rest;
    secrets.signature = secret;
  }
  if (basic) {
    shown.basic = { username: basic.username };
    secrets.basic = basic.password;
  }
  if (header) {
    shown.header = { name: header.name };
    secrets.header = header.value;
  }
  return { shown, secrets };
}

/** The reverse of `splitSecrets`. A row without an address list accepts every address. */
export function joinSecrets(shown: Partial<ShownVerification>, secrets: VerificationSecrets): Verification {
  const { address = { mode: "off", ranges: [] }, signature, basic, header } = shown;
  return {
    address,
    ...(signature && { signature: { ...signature, secret: secrets.signature ?? "" } }),
    ...(basic && { basic: { ...basic, password: secrets.basic ?? "" } }),
    ...(header && { header: { ...header, value: secrets.header ?? "" } }),
  };
}
