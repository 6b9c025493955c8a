/* Loaded before libavcodec: counts the packets that are given to decoders of pictures and of Opus, and leaves a line of the
 * two numbers in the folder the program ends in. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int pictures, sounds;

int avcodec_send_packet(AVCodecContext *decoder, const AVPacket *packet) {
    int (*send)(AVCodecContext *, const AVPacket *) = dlsym(RTLD_NEXT, "avcodec_send_packet");
    int answer = send(decoder, packet);
    /* One without bytes asks for what is left, and one that is not taken comes again. */
    if (packet && packet->size > 0 && answer != AVERROR(EAGAIN)) {
        atomic_fetch_add(&pictures, decoder->codec_type == AVMEDIA_TYPE_VIDEO);
        atomic_fetch_add(&sounds, decoder->codec_id == AV_CODEC_ID_OPUS);
    }
    return answer;
}

__attribute__((destructor)) static void tell(void) {
    FILE *file = pictures + sounds > 0 ? fopen("decoded", "w") : NULL;
    if (file) {
        fprintf(file, "%d %d\n", pictures, sounds);
        fclose(file);
    }
}
