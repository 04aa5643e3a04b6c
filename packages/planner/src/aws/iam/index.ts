/** What AWS's access control makes of requests, and the requests behind the program's resources. */
export { Authorizer } from "./authorizer";
export { type Conditions, listOf, type PolicyDocument, type PolicyStatement } from "./document";
export { type Decision, decide, type NamedStatement, type Principal, refusalText } from "./evaluate";
export { callsOf, callsOfLookup, type LifecycleCall, lifecycleOf, Step } from "./lifecycle";
export { managedDocument } from "./managed";
export { filledIn, type PlaceholderValues, partitionWord, placeholders } from "./placeholders";
export type { ApiCall, RequestedResource } from "./request";
