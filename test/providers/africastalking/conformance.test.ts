import { africastalking } from "../../../src/providers/africastalking/africastalking.ts";
import { saysByAirtimeStatus, saysBySmsStatus } from "../../../src/providers/africastalking/statuses.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

conformance(africastalking, loadSpecimens("africastalking"), {
  tables: {
    "airtime/status": saysByAirtimeStatus,
    "sms/delivery": saysBySmsStatus,
  },
});
