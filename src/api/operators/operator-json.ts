import { z } from "zod";
import { publicId } from "../../domain/ids.ts";
import { roles } from "../caller.ts";
import { idOutput, timeOutput } from "../schemas/fields.ts";
import type { OperatorRow } from "./store.ts";

const shape = {
  id: idOutput("operator"),
  name: z.string().meta({ examples: ["Wanjiru"] }),
  role: z.enum(roles).meta({
    description:
      "`viewer` reads, with phones masked and without raw bodies; `support` also retries, replays, recovers, " +
      "reprocesses, polls, registers, resolves and approves; `admin` does everything",
    examples: ["support"],
  }),
  created_by: z.string().meta({ description: "`admin`, or the id of an operator", examples: ["admin"] }),
  last_used_at: timeOutput.nullable().meta({ description: "Within a minute; null: never used", examples: [null] }),
  created_at: timeOutput,
};

export const operatorSchema = z
  .object(shape)
  .meta({ id: "Operator", description: "A person who runs the installation, without their key." });

export const newOperatorSchema = z
  .object({ ...shape, key: z.string().meta({ description: "Shown in this response only.", examples: ["hko_…"] }) })
  .meta({ id: "NewOperator" });

export function operatorJson(row: OperatorRow) {
  return {
    id: publicId("operator", row.id),
    name: row.name,
    role: row.role,
    created_by: row.createdBy,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
