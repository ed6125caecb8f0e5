import { airtelmoney } from "../../../src/providers/airtelmoney/airtelmoney.ts";
import { wholeWay } from "../whole-way.ts";

wholeWay(airtelmoney, { scenario: "payment-success" });
