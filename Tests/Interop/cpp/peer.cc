// A client and a server of gRPC's test service on Debian's grpc++, for the interoperability tests.
//
//   interop_peer client|drain HOST:PORT ROOTS.pem
//   interop_peer server CERTIFICATE.pem KEY.pem
#include "peer.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << "Can't read " << path << ".\n";
    std::exit(66);
  }
  return text.str();
}

int main(int count, char** arguments) {
  const std::string what = count == 4 ? arguments[1] : "";
  if (what == "client") return RunClient(arguments[2], Contents(arguments[3])) == 0 ? 0 : 1;
  if (what == "drain") return RunDrain(arguments[2], Contents(arguments[3]));
  if (what == "server") return RunServer(Contents(arguments[2]), Contents(arguments[3]));
  std::cerr << "usage: interop_peer client|drain HOST:PORT ROOTS.pem\n"
               "       interop_peer server CERTIFICATE.pem KEY.pem\n";
  return 64;
}
