import type { CertificateArgs, CertificateValidationArgs } from "@pulumi/aws/acm";
import type { TagArgs } from "@pulumi/aws/autoscaling";
import type { RecordArgs } from "@pulumi/aws/route53";
import { define, Refusals, type ResourceType } from "../definition";
import { hex, uuid } from "../ids";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { autoScalingGroupOf } from "./eks-state";

const certificate = define<CertificateArgs>(Token.Certificate, {
  id: ({ seed, account }) => account.arn("acm", `certificate/${uuid("certificate", seed)}`),
  check: ({ inputs }) => {
    const names = [inputs.domainName ?? "", ...(inputs.subjectAlternativeNames ?? [])];
    const bad = names.find(
      (name) => !/^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i.test(name),
    );
    return new Refusals()
      .when(bad !== undefined, () => new AwsError("ValidationException", `'${bad}' is not a domain name`))
      .when(
        inputs.validationMethod !== undefined && !["DNS", "EMAIL"].includes(inputs.validationMethod),
        () =>
          new AwsError(
            "ValidationException",
            `validationMethod ${inputs.validationMethod} must be DNS or EMAIL`,
          ),
      ).errors;
  },
  outputs: ({ inputs, account }, id) => ({
    arn: id,
    status: "PENDING_VALIDATION",
    type: "AMAZON_ISSUED",
    keyAlgorithm: inputs.keyAlgorithm ?? "RSA_2048",
    domainValidationOptions: [
      ...new Set([inputs.domainName ?? "", ...(inputs.subjectAlternativeNames ?? [])]),
    ].map((domainName) => {
      // A name and its wildcard are proven by the same record.
      const base = domainName.replace(/^\*\./, "");
      return {
        domainName,
        resourceRecordName: `_${hex(32, "cname", account.accountId, base)}.${base}.`,
        resourceRecordType: "CNAME",
        resourceRecordValue: `_${hex(32, "value", account.accountId, base)}.acm-validations.aws.`,
      };
    }),
  }),
});

const validation = define<CertificateValidationArgs>(Token.CertificateValidation, {
  id: ({ inputs }) => uuid("validation", inputs.certificateArn),
  check: ({ inputs, account }) => {
    const found = account.find(Token.Certificate, inputs.certificateArn);
    if (!found)
      return [
        new AwsError("ResourceNotFoundException", `Could not find certificate ${inputs.certificateArn}`),
      ];
    // Without the records ACM waits, and the program with it until its timeout of 75 minutes.
    const options = found.outputs.domainValidationOptions as { resourceRecordName: string }[];
    const records = account.all(Token.Record).map((record) => String(record.inputs.name).replace(/\.$/, ""));
    const missing = options.find((option) => !records.includes(option.resourceRecordName.replace(/\.$/, "")));
    return new Refusals().when(
      missing !== undefined,
      () =>
        new AwsError(
          "ValidationTimedOut",
          `The certificate is not issued: no record ${missing?.resourceRecordName}`,
        ),
    ).errors;
  },
});

const record = define<RecordArgs>(Token.Record, {
  id: ({ inputs }) =>
    [inputs.zoneId, inputs.name, inputs.type, inputs.setIdentifier].filter(Boolean).join("_"),
  check: ({ inputs, account, existing }) => {
    const same = account
      .all(Token.Record)
      .find(
        (other) =>
          other !== existing &&
          ["zoneId", "name", "type", "setIdentifier"].every(
            (key) => other.inputs[key] === (inputs as unknown as Record<string, unknown>)[key],
          ),
      );
    const invalid = (text: string) => () => new AwsError("InvalidChangeBatch", text);
    return new Refusals()
      .when(
        same !== undefined && inputs.allowOverwrite !== true,
        invalid(
          `Tried to create resource record set [name='${inputs.name}', type='${inputs.type}'] but it already exists`,
        ),
      )
      .when(
        (inputs.records === undefined) === (inputs.aliases === undefined),
        invalid("A record has either records or an alias"),
      )
      .when(
        inputs.records !== undefined && inputs.ttl === undefined,
        invalid("A record without an alias needs a ttl"),
      ).errors;
  },
  outputs: ({ inputs }) => ({ fqdn: inputs.name.replace(/\.$/, "") }),
});

const autoScalingTag = define<TagArgs>(Token.AutoScalingTag, {
  id: ({ inputs }) => `${inputs.autoscalingGroupName},${inputs.tag.key}`,
  check: ({ inputs, account, existing }) => {
    const groups = account.all(Token.NodeGroup).map(autoScalingGroupOf);
    const id = `${inputs.autoscalingGroupName},${inputs.tag.key}`;
    return new Refusals()
      .when(
        !groups.includes(inputs.autoscalingGroupName),
        () =>
          new AwsError("ValidationError", `AutoScalingGroup name not found - ${inputs.autoscalingGroupName}`),
      )
      .when(
        !existing && account.find(Token.AutoScalingTag, id) !== undefined,
        () =>
          new AwsError(
            "AlreadyExists",
            `The tag ${inputs.tag.key} is already on ${inputs.autoscalingGroupName}`,
          ),
      )
      .when(
        inputs.tag.key.length > 128 || inputs.tag.value.length > 256,
        () =>
          new AwsError("ValidationError", `The tag ${inputs.tag.key} is longer than 128 or 256 characters`),
      ).errors;
  },
});

/** What leads to the cluster from outside, and the tags that the autoscaler reads. */
export const edge: ResourceType[] = [certificate, validation, record, autoScalingTag];
