"""The tool for the customer's PC (R14, R17): it has a private key of its own and imports only core/.

`loopback` takes a drive's requests on 127.0.0.1, `upstream` signs them and carries them to the gateway, `line`
proves the line, `backup` puts files into the Security Folder, `home` keeps what the tool must remember.
"""

#: The loopback address.
HOST, DEFAULT_PORT = "127.0.0.1", 8181
