"""Route 53's TestDNSAnswer, which moto does not have: what a zone's name servers answer, from moto's records.

Source: Route 53 API reference, TestDNSAnswer: public zones only; NOERROR and NXDOMAIN are response codes of DNS.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from winbake.rehearsal.aws.query import Answer, Call, rest_error

PATH = "/2013-04-01/testdnsanswer"
_NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"


def answer(account: str, call: Call) -> Answer:
    from moto.route53.models import route53_backends

    zone: Any = route53_backends[account]["aws"].zones.get(call.query.get("hostedzoneid", ""))
    if zone is None:
        return rest_error("NoSuchHostedZone", "No hosted zone found", 404)
    if zone.private_zone:
        return rest_error("InvalidInput", "This operation can't be used for private hosted zones")
    name, kind = call.query["recordname"].rstrip(".").lower(), call.query["recordtype"]
    here = [one for one in zone.rrsets if one.name.rstrip(".").lower() == name]
    values = [str(value) for one in here if one.type == kind for value in one.records]
    entries = "".join(f"<RecordDataEntry>{escape(one)}</RecordDataEntry>" for one in values)
    return Answer(
        200,
        (
            f'<?xml version="1.0"?>\n<TestDNSAnswerResponse xmlns="{_NAMESPACE}"><Nameserver>ns-1.example</Nameserver>'
            f"<RecordName>{escape(name)}</RecordName><RecordType>{escape(kind)}</RecordType>"
            f"<RecordData>{entries}</RecordData><ResponseCode>{'NOERROR' if here else 'NXDOMAIN'}</ResponseCode>"
            "<Protocol>UDP</Protocol></TestDNSAnswerResponse>"
        ).encode(),
    )
