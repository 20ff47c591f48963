// relais-rdvsp: connects an institution's RDV Service Public (RDV-Solidarités).
#include "adapters/rdvsp/config.h"
#include "adapters/rdvsp/connector.h"

int main(int argc, char** argv) {
  using namespace relais;
  return sdk::run_connector<rdvsp::RdvspConnector>(
      argc, argv, "relais-rdvsp",
      "Connects an institution's RDV Service Public (RDV-Solidarités) to Relais: referrals become people with an\n"
      "invitation there, appointments made there become appointments here.",
      rdvsp::read_config, rdvsp::fit_to);
}
