import { type Kind, kinds } from "../../domain/kinds.ts";
import type { Credentials, Needs } from "../provider.ts";

export const products = ["collection", "disbursement"] as const;

/** MTN's two products. Each has an API user and an access token of its own. */
export type MtnProduct = (typeof products)[number];

/** Where each product's payments are made and asked about. */
export const pathOf = {
  collection: "/collection/v1_0/requesttopay",
  disbursement: "/disbursement/v1_0/transfer",
} as const satisfies Record<MtnProduct, string>;

export function productOf(kind: Kind): MtnProduct {
  return kinds[kind].direction === "in" ? "collection" : "disbursement";
}

export function needsOf(product: MtnProduct): Needs {
  return [["subscription_key", "api_user", "api_key"].map(name => `${product}_${name}`)];
}

export function subscriptionKey(product: MtnProduct, credentials: Credentials): Record<string, string> {
  return { "ocp-apim-subscription-key": (credentials[`${product}_subscription_key`] ?? "").trim() };
}
