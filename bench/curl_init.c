/* SPDX-License-Identifier: MIT */
/* Only loads and initialises libcurl: what any program that speaks HTTP with it must pay. */
#include "config.h"

#include <curl/curl.h>

int main(void)
{
	CURLM *multi;
	CURL *easy;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return 1;
	multi = curl_multi_init();
	easy = curl_easy_init();
	curl_easy_cleanup(easy);
	curl_multi_cleanup(multi);
	curl_global_cleanup();
	return multi && easy ? 0 : 1;
}
