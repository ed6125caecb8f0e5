import { b2bExpressCodes } from "../../../src/providers/daraja/b2b-express.ts";
import { daraja } from "../../../src/providers/daraja/daraja.ts";
import { resultCodes, transactionStatuses } from "../../../src/providers/daraja/result-codes.ts";
import { stkCodes } from "../../../src/providers/daraja/stk-codes.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

conformance(daraja, loadSpecimens("daraja"), {
  tables: { stk: stkCodes, result: { ...resultCodes, ...transactionStatuses }, "b2b/express": b2bExpressCodes },
  alike: [
    ["c2b/confirmation", "c2b/validation"],
    ["result", "timeout"],
  ],
});
