import { fromNairobi } from "../../../simulator/nairobi-time.ts";
import type { PlayedReply } from "../../../simulator/server.ts";

/** One C2B payment as the shortcode's statement has it. */
export type Statement = { receipt: string; at: Date; amount: string; phone?: string; reference?: string };

/** A page of the payments between two times on a Nairobi clock, by offset. */
export function pullAnswer(
  statements: readonly Statement[],
  body: Record<string, unknown>,
  pageRows: number,
): PlayedReply {
  const [from, to] = [fromNairobi(String(body.StartDate)), fromNairobi(String(body.EndDate))];
  const offset = Number(body.OffSetValue);
  const rows = statements
    .filter(({ at }) => at >= from && at <= to)
    .slice(offset, offset + pageRows)
    .map(({ receipt, at, amount, phone, reference }) => ({
      transactionId: receipt,
      trxDate: at.toISOString().replace(/\.\d+Z$/, "Z"),
      msisdn: Number(phone ?? "722000000"),
      sender: "MPESA",
      transactiontype: "c2b-pay-bill-debit",
      billreference: reference ?? "",
      amount,
      organizationname: "Simulated",
    }));
  const found = rows.length > 0;
  return {
    status: 200,
    body: {
      ResponseRefID: "1-1-1",
      ResponseCode: found ? "1000" : "1001",
      ResponseMessage: found ? "Success" : "No transactions",
      Response: [rows],
    },
  };
}
