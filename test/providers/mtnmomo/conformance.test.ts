import { mtnmomo } from "../../../src/providers/mtnmomo/mtnmomo.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

conformance(mtnmomo, loadSpecimens("mtnmomo"));
