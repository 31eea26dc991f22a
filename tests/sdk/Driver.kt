// Carries out the calls that a test writes, a line each with tabs between the words, and says how each ended.

import java.util.concurrent.CountDownLatch
import latchkey.AuthToken
import latchkey.Intercom
import latchkey.IntercomStatusCallback
import latchkey.MessengerException

fun ended(call: (IntercomStatusCallback) -> Unit): String {
    val latch = CountDownLatch(1)
    var ended = ""
    call(object : IntercomStatusCallback {
        override fun onSuccess() {
            ended = "done"
            latch.countDown()
        }

        override fun onFailure(error: MessengerException) {
            val names = "keys=${error.keys.joinToString()} stored=${error.stored.joinToString()} field=${error.field}"
            ended = "${error.code} ${error.status} $names ${error.message} ${error.nextStep}"
            latch.countDown()
        }
    })
    latch.await()
    return ended
}

fun carryOut(words: List<String>): String = when (words[0]) {
    "initialize" -> try {
        Intercom.initialize(words[1], words[2])
        "done"
    } catch (failure: IllegalArgumentException) {
        "refused ${failure.message}"
    }
    "login" -> ended { Intercom.client().loginIdentifiedUser(words[1], words[2], words[3], callback = it) }
    "hash" -> ended { Intercom.client().loginIdentifiedUser(words[1], userHash = words[2], callback = it) }
    "map" -> ended { Intercom.client().setAuthTokens(mapOf(*pairs(words)), it) }
    "list" -> ended { Intercom.client().setAuthTokens(pairs(words).map { (key, value) -> AuthToken(key, value) }, it) }
    // Half a surrogate pair, which no text of UTF-8 can carry to here.
    "half" -> ended { Intercom.client().setAuthTokens(mapOf(words[1] to "half \ud83d"), it) }
    // Not waited for, and answered by what comes next: calls keep their order.
    "unawaited" -> "done".also { Intercom.client().setAuthTokens(mapOf(*pairs(words))) }
    else -> ended { Intercom.client().logout(it) }
}

fun pairs(words: List<String>): Array<Pair<String, String>> = words.drop(1).chunked(2) { Pair(it[0], it[1]) }.toTypedArray()

fun main() = generateSequence(::readLine).forEach { println(carryOut(it.split("\t"))) }
