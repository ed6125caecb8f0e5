import { mtnmomo } from "../../../src/providers/mtnmomo/mtnmomo.ts";
import { wholeWay } from "../whole-way.ts";

wholeWay(mtnmomo, { scenario: "collection-success" });
