"""New-SelfSignedCertificate, as far as a listener's certificate needs it: a name, the machine's store, an end.

Documentation of the PKI module: valid for a year unless said otherwise; the first name of -DnsName is the subject.
"""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.convert import to_text
from winbake.rehearsal.powershell.dotnet.authenticode import Certificate
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import unwrap
from winbake.rehearsal.windows.certificates import make_certificate

_HERE = ("DnsName", "CertStoreLocation")
_MACHINE_STORE = "cert:\\localmachine\\my"


@cmdlet("New-SelfSignedCertificate", "Microsoft.CertificateServices.Commands.NewSelfSignedCertificateCommand")
class NewSelfSignedCertificate(Cmdlet):
    def process(self) -> None:
        for name in self.bound:
            if name not in _HERE:
                raise NotModelled(f"New-SelfSignedCertificate -{name}")
        store = to_text(self.get("CertStoreLocation"), self.session) if self.has("CertStoreLocation") else ""
        if store.lower().rstrip("\\") != _MACHINE_STORE:
            raise NotModelled(f"New-SelfSignedCertificate in '{store}'; only Cert:\\LocalMachine\\My")
        names = [to_text(one, self.session) for one in unwrap(self.get("DnsName"))] if self.has("DnsName") else []
        if len(names) != 1:
            raise NotModelled("New-SelfSignedCertificate with other than one -DnsName")
        if not self.session.process.token.elevated:
            raise self.fail(
                "System.ComponentModel.Win32Exception",
                "CertEnroll::CX509Enrollment::_CreateRequest: Access denied. 0x80090010 (-2146893808 NTE_PERM)",
                "NotSpecified",
                "System.ComponentModel.Win32Exception",
            )
        host = self.session.host
        thumbprint = host.certificates.add(make_certificate(names[0]))
        self.emit(Certificate.of(host.certificates.get(thumbprint), has_private_key=True))
