import { pesapal } from "../../../src/providers/pesapal/pesapal.ts";
import { wholeWay } from "../whole-way.ts";

wholeWay(pesapal, { scenario: "order-success", registers: ["ipn"] });
