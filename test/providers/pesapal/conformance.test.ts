import { pesapal } from "../../../src/providers/pesapal/pesapal.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

conformance(pesapal, loadSpecimens("pesapal"));
