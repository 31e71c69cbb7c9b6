/* Another project's VNC client, to be compared with: presses a key in a guest and waits until its picture shows it.
 *
 *   vnc-keys PORT ROUNDS
 *
 * Each round types x and takes it back, and prints the microseconds from the x to the picture with it. Built and run by the
 * benches, with libvncclient (Debian's libvncserver-dev).
 */
#include <rfb/rfbclient.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint8_t *before;

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* Whether letters changed since the last time: a text mode has 16 lines to a letter, and its cursor blinks in the last few. */
static int changed(rfbClient *client)
{
	size_t line = (size_t)client->width * 4;
	int other = 0;
	for (int y = 0; y < client->height; y++) {
		size_t at = (size_t)y * line;
		if (y % 16 < 12 && memcmp(before + at, client->frameBuffer + at, line) != 0)
			other = 1;
		memcpy(before + at, client->frameBuffer + at, line);
	}
	return other;
}

static int handle(rfbClient *client, unsigned int us)
{
	int ready = WaitForMessage(client, us);
	return ready > 0 && HandleRFBServerMessage(client) ? 1 : ready;
}

/* Presses a key; the time until letters changed, or a negative one. */
static double press(rfbClient *client, uint32_t key)
{
	double begun = now();
	SendKeyEvent(client, key, TRUE);
	SendKeyEvent(client, key, FALSE);
	while (now() - begun < 5e6) {
		if (handle(client, 100000) < 0)
			return -1;
		if (changed(client))
			return now() - begun;
	}
	return -1;
}

int main(int count, char **words)
{
	if (count != 3)
		return 2;
	rfbClient *client = rfbGetClient(8, 3, 4);
	client->serverHost = strdup("127.0.0.1");
	client->serverPort = atoi(words[1]);
	client->canHandleNewFBSize = FALSE;
	rfbEnableClientLogging = FALSE;
	if (!rfbInitClient(client, NULL, NULL))
		return 1;
	before = calloc((size_t)client->width * 4, (size_t)client->height);
	for (double begun = now(); now() - begun < 1e6;)
		if (handle(client, 100000) < 0)
			return 1;
	changed(client);
	for (int round = atoi(words[2]); round > 0; round--) {
		/* Not in step with the server. */
		double pause = 3e4 + rand() % 40000;
		for (double begun = now(); now() - begun < pause;)
			if (handle(client, 5000) < 0)
				return 1;
		changed(client);
		double took = press(client, 'x');
		if (took < 0 || press(client, XK_BackSpace) < 0)
			return 1;
		printf("%.0f\n", took);
	}
	return 0;
}
