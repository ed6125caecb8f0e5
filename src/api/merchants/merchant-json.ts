import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { MerchantRow } from "./store.ts";

export const merchantSchema = z
  .object({ id: idOutput("merchant"), name: z.string().meta({ examples: ["Duka la Mjini"] }), created_at: timeOutput })
  .meta({ id: "Merchant", description: "The owner of connections, endpoints and transactions." });

export function merchantJson(row: MerchantRow) {
  return { id: publicId("merchant", row.id), name: row.name, created_at: row.createdAt.toISOString() };
}
