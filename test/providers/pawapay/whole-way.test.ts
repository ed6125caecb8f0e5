import { pawapay } from "../../../src/providers/pawapay/pawapay.ts";
import { wholeWay } from "../whole-way.ts";

wholeWay(pawapay, { scenario: "deposit-success" });
