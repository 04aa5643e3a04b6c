import { Certificate, CertificateValidation } from "@pulumi/aws/acm";
import { Record as DnsRecord } from "@pulumi/aws/route53";
import type * as pulumi from "@pulumi/pulumi";

/**
 * A certificate for a domain and every name one label below it, proven by a DNS record that stays: ACM renews the
 * certificate by it. Further services of the domain need no further certificate.
 *
 * @returns its ARN, known once the certificate is issued (minutes).
 */
export function validatedCertificate(
  name: string,
  domain: string,
  zoneId: string,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const certificate = new Certificate(
    `${name}-certificate`,
    { domainName: domain, subjectAlternativeNames: [`*.${domain}`], validationMethod: "DNS" },
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
    },
    { parent },
  );
  return new CertificateValidation(
    `${name}-certificate-issued`,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    { parent },
  ).certificateArn;
}
