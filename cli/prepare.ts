// Run by `npm ci`: compiles what the commands load and unpacks helm, so that the first plan is as fast as any other.
import "./plan/command";
import "../components";
import "../components/settings";
import { helmPath } from "./tools/helm";

try {
  helmPath();
} catch {
  // Without helm for this platform the plan itself says what is missing, where somebody reads it.
}
