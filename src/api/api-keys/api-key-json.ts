import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { ApiKeyRow } from "./store.ts";

const shape = {
  id: idOutput("apiKey"),
  name: z.string().meta({ examples: ["checkout server"] }),
  created_at: timeOutput,
};

export const apiKeySchema = z
  .object(shape)
  .meta({ id: "ApiKey", description: "A merchant's API key, without the key itself." });

export const newApiKeySchema = z
  .object({ ...shape, key: z.string().meta({ description: "Shown in this response only.", examples: ["hk_2a…"] }) })
  .meta({ id: "NewApiKey" });

export function apiKeyJson(row: ApiKeyRow) {
  return { id: publicId("apiKey", row.id), name: row.name, created_at: row.createdAt.toISOString() };
}
