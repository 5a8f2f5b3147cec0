// One request to the group robot, through libcurl. Neither the URL nor anything
// the other side says is ever part of an error: both may hold the key.
#ifndef CPI_WECOM_WEBHOOK_H_
#define CPI_WECOM_WEBHOOK_H_

#include <string>

namespace cpi::wecom {

struct Delivery {
  enum class Outcome {
    sent,
    later,   // the network, the server, or too many: try again
    refused  // the URL or the message is wrong: trying again does not help
  };
  Outcome outcome = Outcome::later;
  std::string why;  // for the log
};

// Posts `body`. Ten seconds to connect, thirty in all; follows no redirect.
Delivery post(const std::string& url, const std::string& body);

// What an answer means: HTTP status, and "errcode" of its JSON.
Delivery judge_answer(long status, const std::string& body);

}  // namespace cpi::wecom

#endif  // CPI_WECOM_WEBHOOK_H_
