import { z } from "zod";
import { fileBytesMax } from "../../books/statements/file-parts.ts";
import { statementStates } from "../../books/statements/statement-row.ts";
import { uploadStatement } from "../../books/statements/upload.ts";
import { publicId } from "../../domain/ids.ts";
import { recordAudit } from "../audit/record.ts";
import { merchantScope } from "../caller.ts";
import { findConnection } from "../connections/store.ts";
import { invalid, malformed, notFound, tooLarge } from "../problem.ts";
import { accepted } from "../response.ts";
import { route } from "../route.ts";
import { idInput, idOutput } from "../schemas/fields.ts";
import { columnsInput } from "./columns-input.ts";

export const statementFileTypes = [
  "text/csv",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
] as const;

export const createStatement = route({
  method: "POST",
  path: "/v1/statements",
  tag: "Books",
  name: "createStatement",
  summary: "Import a statement",
  description:
    "The body is the file (CSV or XLSX), 50 MiB at most. It is read in the background: every line is compared with " +
    "what is known here and becomes evidence. The same bytes again are the same statement; after a failure they are " +
    "imported again. The file is sealed, and removed once it is imported.",
  access: "any",
  scope: "manage",
  query: z.strictObject({ connection_id: idInput("connection"), columns: columnsInput.optional() }),
  file: statementFileTypes,
  responses: {
    202: {
      description: "It is imported a little later",
      schema: z
        .object({ id: idOutput("statement"), state: z.enum(statementStates).meta({ examples: ["importing"] }) })
        .meta({ id: "UploadedStatement" }),
    },
  },
  problems: { 404: "There is no such connection." },
  async handle({ caller, query, file }, deps) {
    const row = await findConnection(deps.db, query.connection_id, merchantScope(caller));
    if (row === null) return notFound("There is no connection with this connection_id.");
    const columns = query.columns ?? null;
    if (columns === null && !deps.providers.get(row.provider)?.statement) {
      const message = `is needed: the statements of ${row.provider} are not known. Name the columns of the file`;
      return invalid([{ path: "columns", message }]);
    }
    const uploaded = await uploadStatement(deps, row, columns, file);
    if (uploaded.kind === "too-large") return tooLarge(fileBytesMax);
    if (uploaded.kind === "empty") return malformed("The body is empty: send the file.");
    const { shard, merchantId } = row;
    const id = publicId("statement", uploaded.id);
    if (uploaded.isNew) {
      const after = { connection_id: publicId("connection", row.id) };
      const entry = { shard, merchantId, action: "statement.uploaded", subject: id, after } as const;
      await deps.db.transaction(tx => recordAudit(tx, caller, entry));
      deps.wakeStatements();
    }
    return accepted({ id, state: uploaded.state });
  },
});
