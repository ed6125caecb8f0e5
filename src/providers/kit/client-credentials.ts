import type { ProviderCall } from "../call.ts";
import type { Credentials } from "../provider.ts";

/** Asks for an OAuth access token by a form, with `client_id` and `client_secret` (RFC 6749, section 4.4). */
export function clientCredentialsForm(
  credentials: Credentials,
  where: Pick<ProviderCall, "path" | "host">,
): ProviderCall {
  const form = new URLSearchParams({
    client_id: (credentials.client_id ?? "").trim(),
    client_secret: (credentials.client_secret ?? "").trim(),
    grant_type: "client_credentials",
  });
  return {
    method: "POST",
    ...where,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: form.toString(),
  };
}
