import { Certificate, CertificateValidation } from "@pulumi/aws/acm";
import { Record as DnsRecord } from "@pulumi/aws/route53";
import type * as pulumi from "@pulumi/pulumi";

/** What a certificate is for. */
export interface WantedCertificate {
  domain: string;
  /** Route 53 zone of the domain. */
  zoneId: string;
  /** @default none */
  tags?: Record<string, string>;
}

/**
 * A certificate for a domain and every name one label below it, proven by a DNS record that stays: ACM renews the
 * certificate by it. Further services of the domain need no further certificate.
 * Certificates of one domain share the record, which goes with the first of their stacks that is destroyed.
 *
 * @returns its ARN, known once the certificate is issued (minutes).
 */
export function validatedCertificate(
  name: string,
  { domain, zoneId, tags }: WantedCertificate,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const certificate = new Certificate(
    `${name}-certificate`,
    { domainName: domain, subjectAlternativeNames: [`*.${domain}`], validationMethod: "DNS", tags },
    { parent },
  );
  // A domain and its wildcard are proven by one and the same record.
  const proof = certificate.domainValidationOptions.apply(([option]) => {
    if (!option) throw new Error(`ACM named no DNS record to prove ${domain} with`);
    return option;
  });
  const record = new DnsRecord(
    `${name}-certificate-validation`,
    {
      zoneId,
      name: proof.resourceRecordName,
      type: proof.resourceRecordType,
      records: [proof.resourceRecordValue],
      ttl: 300,
      // ACM proves every certificate of a domain in an account by one record: another stack's is there already.
      allowOverwrite: true,
    },
    { parent },
  );
  return new CertificateValidation(
    `${name}-certificate-issued`,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    { parent },
  ).certificateArn;
}
